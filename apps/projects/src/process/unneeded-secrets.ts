import { endpointStream, streamName, type EndpointConfig, type MailboxJobEvent, type SecretRef } from '@pstream/contracts';
import { isUlid } from '@pstream/kernel';
import type { SecretStore } from '@pstream/secrets';
import { endpoints, mailboxJobs } from '../commands/aggregates.js';
import { load, type ProjectsPorts } from '../commands/ports.js';

const ENDPOINT = 'endpoint:';
const JOBS = 'mailbox-job:';

/** Deletes secrets that nothing needs: their endpoint is removed, or was never added, and no open pass started with them. One is deleted when two
 *  rounds in a row have found it so: whatever was on its way to use it at the first has arrived by the second. */
export class UnneededSecrets {
  readonly #ports: ProjectsPorts;
  readonly #secrets: Pick<SecretStore, 'list' | 'delete'>;
  /** What the round before found without an endpoint. */
  #before: ReadonlySet<SecretRef> = new Set();

  constructor(ports: ProjectsPorts, secrets: Pick<SecretStore, 'list' | 'delete'>) {
    this.#ports = ports;
    this.#secrets = secrets;
  }

  /** Looks at every secret once. Returns how many were deleted. */
  async round(signal: AbortSignal): Promise<number> {
    const loose = await this.#withoutEndpoint(signal);
    const again = new Set(loose.filter((ref) => this.#before.has(ref)));
    this.#before = new Set(loose);
    if (again.size === 0) return 0;
    for (const ref of await this.#ofOpenPasses(signal)) again.delete(ref);
    for (const ref of again) {
      signal.throwIfAborted();
      await this.#secrets.delete(ref);
    }
    return again.size;
  }

  async #withoutEndpoint(signal: AbortSignal): Promise<SecretRef[]> {
    const { clock } = this.#ports;
    const loose: SecretRef[] = [];
    for (const { ref, purpose } of await this.#secrets.list()) {
      signal.throwIfAborted();
      const id = purpose.startsWith(ENDPOINT) ? purpose.slice(ENDPOINT.length) : '';
      // Of what other secrets are for, nothing is known here.
      if (!isUlid(id)) continue;
      const endpoint = await load(this.#ports, endpoints, endpointStream(id));
      if (endpoint.is !== 'endpoint' || refOf(endpoint.config) !== ref) loose.push(ref);
      await clock.yield();
    }
    return loose;
  }

  /** The secrets of the passes that can still read or write: those under way, and those stopped and failed in projects that are open. */
  async #ofOpenPasses(signal: AbortSignal): Promise<Set<SecretRef>> {
    const { store, clock } = this.#ports;
    const needed = new Set<SecretRef>();
    for await (const name of store.streams(JOBS)) {
      signal.throwIfAborted();
      const job = await load(this.#ports, mailboxJobs, streamName<MailboxJobEvent>(name));
      if ('pass' in job && !job.closed)
        for (const config of [job.pass.settings.sourceEndpoint, job.pass.settings.destination]) {
          const ref = refOf(config);
          if (ref !== undefined) needed.add(ref);
        }
      await clock.yield();
    }
    return needed;
  }
}

const refOf = (config: EndpointConfig): SecretRef | undefined =>
  config.kind === 'folder' || config.credential.kind === 'identity' ? undefined : config.credential.ref;
