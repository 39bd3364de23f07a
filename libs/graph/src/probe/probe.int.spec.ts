import {
  collect,
  connectToFake,
  graphError,
  ROLES,
  startFake,
  tokenReply,
  type FakeServer,
  type Reply,
  type Seen,
} from '../fake-graph.fixture.js';
import { PROBE_STEPS, probeMailbox, type ProbeStep } from './probe.js';

let server: FakeServer;
afterEach(() => server.close());

/** A tenant with one user, two folders of which the second holds two items, and an archive in two parts. */
const tenant = (over: (path: string, seen: Seen) => Reply | undefined = () => undefined): Promise<FakeServer> =>
  startFake((seen) => {
    const path = decodeURIComponent(seen.path);
    const own = over(path, seen);
    if (own !== undefined) return own;
    const delta = `${server.url}/beta/admin/exchange/mailboxes/MBX:p@t/folders/f/items/delta?$deltatoken=x`;
    if (path.includes('/settings/exchange')) return { json: { primaryMailboxId: 'MBX:p@t', inPlaceArchiveMailboxId: 'MBX:arc@t' } };
    if (path.startsWith('/v1.0/users/'))
      return { json: { id: 'u-1', userPrincipalName: 'user@contoso.example', mail: 'user@contoso.example' } };
    if (path.includes('/items/delta'))
      return {
        json: {
          value: [
            { id: 'big', size: 900, type: 'IPM.Note' },
            { id: 'small', size: 9, type: 'IPM.Note' },
          ],
          '@odata.deltaLink': delta,
        },
      };
    if (path.endsWith('/exportItems'))
      return { json: { value: [{ itemId: (JSON.parse(seen.body) as { itemIds: string[] }).itemIds[0], data: 'AQID' }] } };
    if (path.includes('/folders/delta')) return { json: { value: [] } };
    return {
      json: {
        value: [
          { id: 'empty', totalItemCount: 0, childFolderCount: 0 },
          { id: 'full', totalItemCount: 2, childFolderCount: 0 },
        ],
      },
    };
  });

const probe = async (
  wantArchive = true,
  decode: (bytes: Uint8Array) => void = () => undefined,
  outOfScope?: string,
): Promise<ProbeStep[]> => {
  const { client } = connectToFake(server, { ports: { limits: { tries: 1 } } });
  const steps = await collect(
    probeMailbox(client, {
      userPrincipalName: 'user@contoso.example',
      wantArchive,
      decode,
      ...(outOfScope === undefined ? {} : { outOfScope }),
    }),
  );
  await client.close();
  return steps;
};
const verdicts = (steps: readonly ProbeStep[]): string =>
  steps.map((one) => (one.verdict === 'skipped' ? '-' : one.verdict === 'warn' ? 'W' : one.verdict === 'fail' ? 'F' : 'P')).join('');

describe('probe of a mailbox', () => {
  it('passes where everything is granted, and exports the smallest item it sees', async () => {
    server = await tenant();
    const decoded: number[] = [];
    const steps = await probe(true, (bytes) => decoded.push(bytes.length));
    expect(verdicts(steps)).toBe('PPPPPPPP-');
    expect(steps.map((one) => [one.step, one.name])).toEqual(PROBE_STEPS.map((name, at) => [at + 1, name]));
    expect(steps[5]?.facts).toEqual({ itemId: 'small', class: 'IPM.Note', sizeBytes: 9 });
    expect(decoded).toEqual([3, 3]);
    expect(JSON.stringify(steps)).not.toContain('contoso.example');
  });

  it.each([
    [
      'no folder permission',
      (path: string) => (path.includes('/folders?') ? graphError(403, 'ErrorAccessDenied') : undefined),
      'PPPPF----',
      5,
      'graph.mailbox-forbidden',
    ],
    [
      'no item permission',
      (path: string) => (path.includes('/items/delta') ? graphError(403, 'ErrorAccessDenied') : undefined),
      'PPPPPF---',
      6,
      'graph.mailbox-forbidden',
    ],
    [
      'no export permission',
      (path: string) => (path.endsWith('/exportItems') ? graphError(403, 'ErrorAccessDenied') : undefined),
      'PPPPPPF--',
      7,
      'graph.mailbox-forbidden',
    ],
    [
      'a wrong address',
      (path: string) => (path.startsWith('/v1.0/users') ? graphError(404, 'Request_ResourceNotFound') : undefined),
      'PPF------',
      3,
      'graph.user-not-found',
    ],
    [
      'a mailbox on premises',
      (path: string) => (path.includes('/settings') ? graphError(404, 'MailboxNotEnabledForRESTAPI') : undefined),
      'PPPF-----',
      4,
      'graph.mailbox-not-online',
    ],
    [
      'an archive that is not offered',
      (path: string) => (path.includes('MBX:arc') ? graphError(404, 'ResourceNotFound') : undefined),
      'PPPPPPPF-',
      8,
      'graph.not-found',
    ],
    [
      'no archive',
      (path: string) => (path.includes('/settings') ? { json: { primaryMailboxId: 'MBX:p@t' } } : undefined),
      'PPPWPPPF-',
      8,
      'graph.no-archive',
    ],
    [
      'an empty mailbox',
      (path: string) =>
        path.includes('p@t/folders?') ? { json: { value: [{ id: 'f', totalItemCount: 0, childFolderCount: 0 }] } } : undefined,
      'PPPPPW-P-',
      6,
      'graph.no-items',
    ],
    [
      'an item that fails',
      (path: string) =>
        path.includes('p@t/exportItems')
          ? { json: { value: [{ itemId: 'small', error: { code: 'ErrorCorruptData', message: 'x' } }] } }
          : undefined,
      'PPPPPPF--',
      7,
      'graph.item-corrupt',
    ],
  ] as const)('shows %s at the step it concerns, with what to do', async (_, over, expected, step, code) => {
    server = await tenant(over);
    const steps = await probe();
    expect(verdicts(steps)).toBe(expected);
    expect(steps[step - 1]).toMatchObject({ code });
    expect(steps[step - 1]?.advice?.length).toBeGreaterThan(20);
  });

  it.each([
    ['is refused there', graphError(403, 'ErrorAccessDenied'), { verdict: 'pass', facts: { refusedWith: 'graph.mailbox-forbidden' } }],
    ['reads it', undefined, { verdict: 'warn', code: 'graph.scope-too-wide' }],
    [
      'does not find it',
      graphError(404, 'ErrorInvalidUser'),
      { verdict: 'warn', code: 'graph.scope-unknown', facts: { because: 'graph.user-not-found' } },
    ],
  ] as const)('tries a mailbox that the app must not reach, where it %s', async (_, answer, expected) => {
    server = await tenant((path) => {
      if (path.includes('boss@') && !path.includes('/settings'))
        return { json: { id: 'u-2', userPrincipalName: 'boss@contoso.example', mail: null } };
      if (path.includes('u-2/settings')) return { json: { primaryMailboxId: 'MBX:chief@t' } };
      return path.includes('MBX:chief') ? answer : undefined;
    });
    const steps = await probe(false, () => undefined, 'boss@contoso.example');
    expect(steps[8]).toMatchObject(expected);
    expect(JSON.stringify(steps)).not.toContain('boss@');
  });

  it('stops at a refused sign-in', async () => {
    server = await startFake(
      () => ({}),
      () => ({ status: 401, json: { error: 'invalid_client', error_codes: [7000222] } }),
    );
    const steps = await probe();
    expect(verdicts(steps)).toBe('F--------');
    expect(steps[0]).toMatchObject({ code: 'entra.secret-expired', facts: { aadsts: ['7000222'] } });
  });

  it.each([
    [
      ['User.Read.All'],
      'graph.permission-not-in-token',
      { missing: ['MailboxFolder.Read.All', 'MailboxItem.Read.All', 'MailboxItem.Export.All'] },
    ],
    [[...ROLES, 'Mail.ReadWrite'], 'graph.excess-permission', { excess: ['Mail.ReadWrite'] }],
  ])('warns of roles %p', async (roles, code, facts) => {
    const working = await tenant();
    server = working;
    const token = `e30.${Buffer.from(JSON.stringify({ roles })).toString('base64url')}.x`;
    await working.close();
    server = await startFake(
      () => graphError(404, 'Request_ResourceNotFound'),
      (_, nth) => ({ json: { ...(tokenReply(nth) as object), access_token: token } }),
    );
    expect((await probe())[1]).toMatchObject({ verdict: 'warn', code, facts });
  });

  it.each([
    ['another one can be exported', ['small', 'big'], 'PPPPPPW--'],
    ['there is no other', ['small'], 'PPPPPPW--'],
  ])('only warns of an item that cannot be exported where %s', async (_, ids, expected) => {
    server = await tenant((path, seen) => {
      if (path.endsWith('/exportItems') && seen.body.includes('small'))
        return { json: { value: [{ itemId: 'small', error: { code: 'ErrorCorruptData', message: 'x' } }] } };
      if (!path.includes('/items/delta')) return undefined;
      const value = ids.map((id, size) => ({ id, size, type: 'IPM.Note' }));
      return { json: { value, '@odata.deltaLink': `${server.url}${seen.path}` } };
    });
    const steps = await probe(false);
    expect(verdicts(steps)).toBe(expected);
    expect(steps[6]).toMatchObject({ code: 'graph.item-corrupt', facts: { itemId: 'small' } });
  });

  it('tries another item where the stream of the first cannot be read', async () => {
    server = await tenant();
    let tried = 0;
    const steps = await probe(false, () => {
      if (tried++ === 0) throw new Error('content of the item');
    });
    expect(verdicts(steps)).toBe('PPPPPPW--');
    expect(steps[6]).toMatchObject({ code: 'item.unreadable', facts: { itemId: 'small' } });
    expect(JSON.stringify(steps)).not.toContain('content of the item');
  });

  it('follows a redirect of the archive and shows an unreadable stream as a failure', async () => {
    server = await tenant((path) =>
      path.startsWith('/beta/admin/exchange/mailboxes/MBX:arc') && path.includes('/items/delta')
        ? { status: 308, headers: { location: `${server.url}/beta/admin/exchange/mailboxes/MBX:aux@t/folders/f/items/delta` } }
        : undefined,
    );
    expect(verdicts(await probe())).toBe('PPPPPPPP-');
    expect(server.requests.at(-1)?.path).toContain('MBX%3Aaux%40t/exportItems');
    const steps = await probe(false, () => {
      throw new Error('content of the item');
    });
    expect(verdicts(steps)).toBe('PPPPPPF--');
    expect(steps[6]).toMatchObject({ code: 'item.unreadable' });
    expect(JSON.stringify(steps)).not.toContain('content of the item');
  });
});
