import type { Microsoft365Source, PassControl } from '@pstream/contracts';
import type { ThrottleEntry } from '@pstream/graph';
import type { Clock } from '@pstream/kernel';
import { tenantConnection } from '@pstream/platform';
import type { SecretStore } from '@pstream/secrets';
import type { Source } from './source/source.js';
import type { Sources } from './source/threaded-sources.js';

/** How long a secret that was opened is taken to be the present one; a rotated secret is noticed after this. */
const SECRET_MS = 10_000;

/** One source per tenant, app and secret, shared by every mailbox of it, so that limits and tokens are kept in one place. */
export class Tenants {
  readonly #clients = new Map<string, { readonly client: Source; readonly secret: string; checkedMs: number }>();
  readonly #secrets: SecretStore;
  readonly #clock: Clock;
  readonly #sources: Sources;
  readonly #ledger: (entry: ThrottleEntry) => void;

  constructor(secrets: SecretStore, sources: Sources, clock: Clock, ledger: (entry: ThrottleEntry) => void) {
    this.#secrets = secrets;
    this.#clock = clock;
    this.#sources = sources;
    this.#ledger = ledger;
  }

  /** The client for a pass; a rotated secret makes a new one. */
  async client(control: PassControl): Promise<Source> {
    const source = control.settings.sourceEndpoint;
    const name = nameOf(source);
    const fresh = this.#clients.get(name);
    const nowMs = this.#clock.monotonicMs();
    if (fresh !== undefined && nowMs - fresh.checkedMs < SECRET_MS) return fresh.client;
    const connection = await tenantConnection(source, this.#secrets);
    const secret = connection.credential.kind === 'secret' ? connection.credential.secret : connection.credential.privateKeyPem;
    const known = this.#clients.get(name);
    if (known !== undefined && known.secret === secret) {
      known.checkedMs = nowMs;
      return known.client;
    }
    const client = this.#sources.open(connection, this.#ledger);
    this.#clients.set(name, { client, secret, checkedMs: nowMs });
    await known?.client.close();
    return client;
  }

  /** Makes the next call open the secret again: the tenant refused the one in use. */
  forget(control: PassControl): void {
    const known = this.#clients.get(nameOf(control.settings.sourceEndpoint));
    if (known !== undefined) known.checkedMs = -Infinity;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map(({ client }) => client.close()));
    this.#clients.clear();
    await this.#sources.close();
  }
}

const nameOf = (source: Microsoft365Source): string =>
  JSON.stringify([source.tenantId, source.clientId, source.credential.ref, source.graphUrl, source.authorityUrl]);
