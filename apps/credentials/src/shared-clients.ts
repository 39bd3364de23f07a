import { createHash } from 'node:crypto';
import type { GraphClient, TenantConnection } from '@pstream/graph';

type Entry = { readonly client: GraphClient; users: number };

/** Gives verifications that run at the same time with the same secret one client, so that limits per mailbox are kept in one place and
 *  the tenant is signed in to once. With the last of them it is closed: a later verification signs in again and hears of what was revoked. */
export class SharedClients {
  readonly #connect: (connection: TenantConnection) => GraphClient;
  readonly #entries = new Map<string, Entry>();

  constructor(connect: (connection: TenantConnection) => GraphClient) {
    this.#connect = connect;
  }

  /** A client to be closed by whoever took it. Faults are those of connecting. */
  take(connection: TenantConnection): GraphClient {
    const name = createHash('sha256').update(JSON.stringify(connection)).digest('hex');
    const entry = this.#entries.get(name) ?? { client: this.#connect(connection), users: 0 };
    this.#entries.set(name, entry);
    entry.users++;
    let held = true;
    return {
      ...entry.client,
      close: async () => {
        if (!held) return;
        held = false;
        if (--entry.users > 0) return;
        this.#entries.delete(name);
        await entry.client.close();
      },
    };
  }
}
