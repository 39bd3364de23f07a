import { CHANGES_TOPIC, toChangeRecord, type RecordedEvent } from '@pstream/contracts';
import type { Transport } from '@pstream/transport';
import { byDocument } from './applying.js';
import type { Projection, ProjectionStore, Version } from './projection.js';

/** Publishes the documents that events concern, as they are now; of one generation, or of all that there are. */
export type Announce = (projection: Projection, events: readonly RecordedEvent[], generation?: string) => Promise<void>;

/** Documents announced in one call. */
const AT_ONCE = 500;

/** Announces on the topic of changes. It resolves when the changes are durable there, so that a position which is committed afterwards
 *  leaves nothing unsaid: what a crash cut off is applied and announced again. */
export const announcing =
  (store: Pick<ProjectionStore, 'versions'>, transport: Pick<Transport, 'send'>): Announce =>
  async (projection, events, generation) => {
    if (projection.announce === undefined) return;
    const ids = [...byDocument(projection, events).keys()];
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      const versions = await store.versions(projection.name, ids.slice(start, start + AT_ONCE));
      const told = versions.filter((version) => generation === undefined || version.generation === generation);
      if (told.length > 0)
        await transport.send(
          CHANGES_TOPIC,
          told.map((version) => toChangeRecord(changeOf(projection, version))),
        );
    }
  };

const changeOf = (projection: Projection, { document, id, ...place }: Version): Parameters<typeof toChangeRecord>[0] => ({
  view: projection.name,
  id,
  ...place,
  gone: document === null,
  ...(document === null ? {} : projection.announce?.(document, id)),
});
