import type { GraphClient, TenantConnection } from '@pstream/graph';
import { SharedClients } from './shared-clients.js';

const connection = (secret: string): TenantConnection => ({ tenantId: 't', clientId: 'c', credential: { kind: 'secret', secret } });

describe('clients of verifications', () => {
  const make = (): { readonly clients: SharedClients; readonly log: string[] } => {
    const log: string[] = [];
    const connect = ({ credential }: TenantConnection): GraphClient => {
      const name = credential.kind === 'secret' ? credential.secret : '';
      log.push(`open ${name}`);
      return { close: async () => void log.push(`close ${name}`) } as unknown as GraphClient;
    };
    return { clients: new SharedClients(connect), log };
  };

  it('are one while they run at the same time, and closed with the last', async () => {
    const { clients, log } = make();
    const [one, two] = [clients.take(connection('a')), clients.take(connection('a'))];
    await one.close();
    await one.close();
    expect(log).toEqual(['open a']);
    await two.close();
    await clients.take(connection('a')).close();
    expect(log).toEqual(['open a', 'close a', 'open a', 'close a']);
  });

  it('are another where the secret was rotated', async () => {
    const { clients, log } = make();
    const [old, fresh] = [clients.take(connection('a')), clients.take(connection('b'))];
    await fresh.close();
    await old.close();
    expect(log).toEqual(['open a', 'open b', 'close b', 'close a']);
  });
});
