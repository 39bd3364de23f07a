import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeShared, tempDir } from '@pstream/testing';
import { run } from './run.js';

type Ran = { readonly exit: number; readonly out: string; readonly err: string };

/** Runs the program in this process; once it is ready, `whileUp` is called and then it is asked to stop. */
const ran = async (
  args: readonly string[],
  whileUp: (info: Record<string, string>) => Promise<void> = () => Promise.resolve(),
): Promise<Ran> => {
  const written = { out: '', err: '' };
  const exit = await run(args, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    stopped: () => whileUp(JSON.parse(written.out) as Record<string, string>),
  });
  return { exit, ...written };
};

const folderCount = async (info: Record<string, string>, user: string): Promise<number> => {
  const body = new URLSearchParams({
    client_id: info['clientId'] ?? '',
    client_secret: info['clientSecret'] ?? '',
    scope: 'https://graph.microsoft.com/.default',
    grant_type: 'client_credentials',
  });
  const token = (await (await fetch(`${info['authorityUrl']}/${info['tenantId']}/oauth2/v2.0/token`, { method: 'POST', body })).json()) as {
    access_token: string;
  };
  const headers = { authorization: `Bearer ${token.access_token}` };
  const settings = (await (await fetch(`${info['graphUrl']}/v1.0/users/${user}/settings/exchange`, { headers })).json()) as {
    primaryMailboxId: string;
  };
  const folders = await fetch(
    `${info['graphUrl']}/v1.0/admin/exchange/mailboxes/${encodeURIComponent(settings.primaryMailboxId)}/folders?$top=100`,
    { headers },
  );
  return ((await folders.json()) as { value: unknown[] }).value.length;
};

describe('the tenant program', () => {
  it('prints one line of JSON when it is ready, serves, and ends with 0 when it is stopped', async () => {
    let folders = 0;
    const { exit, out, err } = await ran(
      ['--generate', '20', '--mailboxes', '2', '--seed', '4', '--size', 'tiny', '--no-limits', '--loose'],
      async (info) => {
        folders = await folderCount(info, 'user2@fabrikam.test');
      },
    );
    expect({ exit, err, lines: out.trim().split('\n').length }).toEqual({ exit: 0, err: '', lines: 1 });
    expect(Object.keys(JSON.parse(out) as object)).toEqual(['graphUrl', 'authorityUrl', 'tenantId', 'clientId', 'clientSecret']);
    expect(folders).toBeGreaterThan(10);
  });

  it('has the same tenant and client ids for the same seed', async () => {
    const ids = async (seed: string): Promise<unknown> => {
      const { tenantId, clientId, clientSecret } = JSON.parse((await ran(['--generate', '1', '--seed', seed])).out) as Record<
        string,
        string
      >;
      return { tenantId, clientId, clientSecret };
    };
    expect(await ids('4')).toEqual(await ids('4'));
    expect(await ids('4')).not.toEqual(await ids('5'));
  });

  it('explains itself', async () => {
    expect(await ran(['--help'])).toMatchObject({ exit: 0, out: expect.stringContaining('--mailbox UPN=FILE.pst') as unknown });
  });

  it.each([
    [[], /exactly one of --tenant/],
    [['--tenant', 'x', '--generate', '1'], /exactly one of --tenant/],
    [['--generate', 'many'], /--generate must be a whole number/],
    [['--generate', '1', '--port', '70000'], /--port must be a whole number from 0 to 65535/],
    [['--generate', '1', '--archives', '2'], /--archives must be a whole number from 0 to 1/],
    [['--generate', '1', '--size', 'huge'], /--size must be one of/],
    [['--mailbox', 'a@x.test'], /--mailbox must be UPN=primary.pst/],
    [['--mailbox', 'a@x.test=a,b,c'], /--mailbox must be UPN=primary.pst/],
    [['--color'], /--color/],
    [['--tenant', '/nowhere/at/all'], /\/nowhere\/at\/all\/tenant\.json: .*\n.*Give the directory/],
    [['--mailbox', 'a@x.test=/nowhere.pst'], /\/nowhere\.pst: .*\n.*Check the path/],
    [['--generate', '1', '--faults', '/nowhere.json'], /\/nowhere\.json/],
  ])('ends with 2 and says what to do for %j', async (args, message) => {
    const { exit, out, err } = await ran(args);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('takes a fault script, and refuses one that is wrong', async () => {
    const directory = tempDir();
    const [good, bad] = [join(directory, 'good.json'), join(directory, 'bad.json')];
    writeFileSync(good, JSON.stringify({ rules: [{ on: 'folders', effect: 'truncate' }] }));
    writeFileSync(bad, JSON.stringify({ rules: [{ on: 'folders', effect: 'explode' }] }));
    const { exit } = await ran(['--generate', '1', '--faults', good], async (info) => {
      await expect(folderCount(info, 'user1@fabrikam.test')).rejects.toThrow(/JSON/);
    });
    expect(exit).toBe(0);
    expect(await ran(['--generate', '1', '--faults', bad])).toMatchObject({ exit: 2, err: expect.stringContaining('rule 0') as unknown });
  });

  it('cannot share a port', async () => {
    await ran(['--generate', '1'], async (info) => {
      const port = new URL(info['graphUrl'] ?? '').port;
      expect(await ran(['--generate', '1', '--port', port])).toMatchObject({
        exit: 2,
        err: expect.stringContaining('Choose another port') as unknown,
      });
    });
  });
});

describeShared('with reference data', (shared) => {
  it('serves a dump, whose tenant id it takes over, and PST files', async () => {
    const dump = await ran(['--tenant', join(shared, 'data', 'tenants', 'contoso')], async (info) => {
      expect(await folderCount(info, 'alex@contoso.test')).toBeGreaterThan(5);
    });
    expect(JSON.parse(dump.out)).toMatchObject({ tenantId: 'a49b2d7a-bdee-5e96-b19a-3e1c03b53ba4' });
    const pst = await ran(['--mailbox', `a@x.test=${join(shared, 'data', 'pst', 'PstReader__hughbe_Outlook.pst')}`], async (info) => {
      expect(await folderCount(info, 'a@x.test')).toBeGreaterThan(3);
    });
    expect([dump.exit, pst.exit]).toEqual([0, 0]);
  });
});
