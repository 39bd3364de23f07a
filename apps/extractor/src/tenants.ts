import type { PassControl } from '@pstream/contracts';
import { connectTenant, type GraphClient, type ThrottleEntry } from '@pstream/graph';
import type { Clock, Random } from '@pstream/kernel';
import { tenantConnection } from '@pstream/platform';
import type { SecretStore } from '@pstream/secrets';

/** One client per tenant, app and secret, shared by every mailbox of it, so that limits and tokens are kept in one place. */
export class Tenants {
  readonly #clients = new Map<string, { readonly client: GraphClient; readonly secret: string }>();
  readonly #secrets: SecretStore;
  readonly #ports: { readonly clock: Clock; readonly random: Random };
  readonly #ledger: (entry: ThrottleEntry) => void;

  constructor(secrets: SecretStore, ports: { readonly clock: Clock; readonly random: Random }, ledger: (entry: ThrottleEntry) => void) {
    this.#secrets = secrets;
    this.#ports = ports;
    this.#ledger = ledger;
  }

  /** The client for a pass; a rotated secret makes a new one. */
  async client(control: PassControl): Promise<GraphClient> {
    const source = control.settings.sourceEndpoint;
    const name = JSON.stringify([source.tenantId, source.clientId, source.credential.ref, source.graphUrl, source.authorityUrl]);
    const connection = await tenantConnection(source, this.#secrets);
    const secret = connection.credential.kind === 'secret' ? connection.credential.secret : connection.credential.privateKeyPem;
    const known = this.#clients.get(name);
    if (known !== undefined && known.secret === secret) return known.client;
    const client = connectTenant(connection, { ...this.#ports, ledger: this.#ledger });
    this.#clients.set(name, { client, secret });
    await known?.client.close();
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map(({ client }) => client.close()));
    this.#clients.clear();
  }
}
