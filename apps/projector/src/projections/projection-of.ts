import { isPublished, type PublishedEvent } from '@pstream/contracts';
import type { Announcement, Document, Projection } from '@pstream/projections';

/** A projection over published events, with its document typed. Events of unknown types concern no document. */
export const projectionOf = <View>({
  keys,
  evolve,
  announce,
  ...spec
}: {
  readonly name: string;
  readonly contexts: Projection['contexts'];
  readonly keys: (event: PublishedEvent) => readonly string[];
  readonly evolve: (view: View | null, event: PublishedEvent, id: string) => View | null;
  readonly queryFields?: readonly string[];
  readonly searchFields?: readonly string[];
  readonly orders?: Projection['orders'];
  readonly announce?: (view: View, id: string) => Announcement;
}): Projection => ({
  ...spec,
  ...(announce === undefined ? {} : { announce: (document: Document, id: string) => announce(document as View, id) }),
  keys: (event) => (isPublished(event) ? keys(event) : []),
  evolve: (document, event, id) => (isPublished(event) ? (evolve(document as View | null, event, id) as Document | null) : document),
});
