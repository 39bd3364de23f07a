import type {
  BuildEvent,
  CredentialsEvent,
  CustomerEvent,
  EndpointEvent,
  ExtractionEvent,
  LicensingEvent,
  MailboxJobEvent,
  PartEvent,
  ProjectEvent,
  RecordedEvent,
} from '@pstream/contracts';
import type { Document, Projection } from '@pstream/projections';

/** Everything that is published. */
export type Published =
  | LicensingEvent
  | CustomerEvent
  | EndpointEvent
  | ProjectEvent
  | MailboxJobEvent
  | CredentialsEvent
  | ExtractionEvent
  | PartEvent
  | BuildEvent;

/** A projection over published events, with its document typed. Events of unknown types concern no document. */
export const projectionOf = <View>({
  keys,
  evolve,
  ...spec
}: {
  readonly name: string;
  readonly contexts: Projection['contexts'];
  readonly keys: (event: Published) => readonly string[];
  readonly evolve: (view: View | null, event: Published, id: string) => View | null;
  readonly queryFields?: readonly string[];
  readonly searchFields?: readonly string[];
  readonly orders?: Projection['orders'];
}): Projection => ({
  ...spec,
  keys: (event: RecordedEvent) => keys(event as unknown as Published),
  evolve: (document, event, id) => evolve(document as View | null, event as unknown as Published, id) as Document | null,
});
