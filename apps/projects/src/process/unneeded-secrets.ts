import { endpointStream, streamName, type EndpointConfig, type MailboxJobEvent, type SecretRef } from '@pstream/contracts';
import { isUlid } from '@pstream/kernel';
import type { Unneeded } from '@pstream/secrets';
import { endpoints, mailboxJobs } from '../commands/aggregates.js';
import { load, type ProjectsPorts } from '../commands/ports.js';

const ENDPOINT = 'endpoint:';
/** Of an endpoint that is tried and not saved: it is needed for as long as the request takes. */
const TRIED = 'endpoint-test';
const JOBS = 'mailbox-job:';

/** Secrets of endpoints that nothing needs: the endpoint is removed, or was never added, and no open pass started with them. */
export const unneededSecrets = (ports: ProjectsPorts): Unneeded => ({
  loose: async (listed, signal) => {
    const loose: SecretRef[] = [];
    for (const { ref, purpose } of listed) {
      signal.throwIfAborted();
      if (purpose === TRIED) loose.push(ref);
      const id = purpose.startsWith(ENDPOINT) ? purpose.slice(ENDPOINT.length) : '';
      if (!isUlid(id)) continue;
      const endpoint = await load(ports, endpoints, endpointStream(id));
      if (endpoint.is !== 'endpoint' || refOf(endpoint.config) !== ref) loose.push(ref);
      await ports.clock.yield();
    }
    return loose;
  },
  /** Those of the passes that can still read or write: those under way, and those stopped and failed in projects that are open. */
  needed: async (signal) => {
    const needed = new Set<SecretRef>();
    for await (const name of ports.store.streams(JOBS)) {
      signal.throwIfAborted();
      const job = await load(ports, mailboxJobs, streamName<MailboxJobEvent>(name));
      if ('pass' in job && !job.closed)
        for (const config of [job.pass.settings.sourceEndpoint, job.pass.settings.destination]) {
          const ref = refOf(config);
          if (ref !== undefined) needed.add(ref);
        }
      await ports.clock.yield();
    }
    return needed;
  },
});

const refOf = (config: EndpointConfig): SecretRef | undefined =>
  config.kind === 'folder' || config.credential.kind === 'identity' ? undefined : config.credential.ref;
