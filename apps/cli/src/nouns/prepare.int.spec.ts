// cspell:ignore wsteurope
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeClock, tempDir } from '@pstream/testing';
import { runner } from '../cli.fixture.js';

const TENANT = '11111111-2222-3333-4444-555555555555';
const PRINCIPAL = '99999999-2222-3333-4444-555555555555';
const AZURE = ['prepare', 'azure', '--account', 'contosopst', '--region', 'West Europe'];
const ENTRA = ['prepare', 'entra', '--tenant-id', TENANT];

const run = runner('http://127.0.0.1:1');
const printed = async (...argv: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await run(argv, { clock: new FakeClock(), environment: { PSTREAM_TOKEN: undefined } });
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

type Ran = {
  readonly status: number | null;
  readonly stderr: string;
  readonly stdout: string;
  readonly calls: readonly string[][];
  readonly dir: string;
};

/** Runs a script with an `az` that notes its arguments and answers the first pattern that they match. */
const runScript = (script: string, answers: Readonly<Record<string, string>> = {}, dir = tempDir()): Ran => {
  const replies = Object.entries({
    'cloud show': 'AzureCloud',
    'account show --query tenantId': TENANT,
    'group exists': 'false',
    'length(': '0',
    ...answers,
  });
  const cases = replies.map(([has, reply]) => `  *${JSON.stringify(has)}*) echo ${JSON.stringify(reply)};;`);
  writeFileSync(
    join(dir, 'az'),
    `#!/usr/bin/env bash\nprintf '%s\\0' "$@" >> ${dir}/calls\nprintf '\\n\\0' >> ${dir}/calls\ncase "$*" in\n${cases.join('\n')}\n  *) echo "made-$1-$2-$3";;\n esac\n`,
  );
  chmodSync(join(dir, 'az'), 0o755);
  const { status, stderr, stdout } = spawnSync('bash', ['--norc', '-s'], {
    cwd: dir,
    input: script,
    encoding: 'utf8',
    env: { PATH: `${dir}:${process.env['PATH']}` },
  });
  const calls = readFileSync(join(dir, 'calls'), 'utf8')
    .split('\0\n\0')
    .filter((call) => call !== '')
    .map((call) => call.split('\0'));
  return { status, stderr, stdout, calls, dir };
};

const called = ({ calls }: Ran, ...words: readonly string[]): readonly string[] | undefined =>
  calls.find((call) => words.every((word, at) => call[at] === word));
const valueOf = (call: readonly string[] | undefined, name: string): string | undefined => call?.[call.indexOf(name) + 1];

describe('prepare azure', () => {
  it('prints Bicep without asking a gateway', async () => {
    const text = await printed(...AZURE, '--redundancy', 'ZRS', '--soft-delete', '30', '--container', 'leavers');
    for (const line of [
      "name: 'contosopst'",
      "location: 'westeurope'",
      "name: 'Standard_ZRS'",
      "name: 'leavers'",
      'allowBlobPublicAccess: false',
      'allowSharedKeyAccess: true',
      "minimumTlsVersion: 'TLS1_2'",
      "publicAccess: 'None'",
    ])
      expect(text).toContain(`${line}\n`);
    expect(text.match(/days: 30\n/g)).toHaveLength(2);
    expect(text).not.toContain('roleAssignments');
  });

  it('grants an identity the container alone, and then allows no keys', async () => {
    const bicep = await printed(...AZURE, '--principal-id', PRINCIPAL);
    expect(bicep).toContain('scope: container\n');
    expect(bicep).toContain(`principalId: '${PRINCIPAL}'\n`);
    expect(bicep).toContain('allowSharedKeyAccess: false\n');
    const ran = runScript(await printed(...AZURE, '--principal-id', PRINCIPAL, '--as', 'az'), {
      'storage account show': '/subscriptions/s/contosopst',
    });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    const role = called(ran, 'role', 'assignment', 'create');
    expect(valueOf(role, '--scope')).toBe('/subscriptions/s/contosopst/blobServices/default/containers/pstream');
    expect(valueOf(role, '--assignee-object-id')).toBe(PRINCIPAL);
    expect(valueOf(called(ran, 'storage', 'account', 'create'), '--allow-shared-key-access')).toBe('false');
    expect(ran.calls.flat().filter((word) => /sas|keys/.test(word))).toEqual([]);
    expect(ran.stdout).toContain('--account contosopst --region westeurope --auth identity\n');
  });

  it('prints a script that makes account, container and a SAS of the container that can be revoked', async () => {
    const ran = runScript(
      await printed(...AZURE, '--as', 'az', '--resource-group', 'Büro_(pst)', '--sas-days', '10', '--sas-file', "an'n $HOME.txt"),
    );
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    expect(valueOf(called(ran, 'group', 'create'), '--name')).toBe('Büro_(pst)');
    const account = called(ran, 'storage', 'account', 'create');
    expect([valueOf(account, '--kind'), valueOf(account, '--sku'), valueOf(account, '--allow-blob-public-access')]).toEqual([
      'StorageV2',
      'Standard_LRS',
      'false',
    ]);
    expect(valueOf(called(ran, 'storage', 'account', 'blob-service-properties'), '--delete-retention-days')).toBe('14');
    expect(valueOf(called(ran, 'storage', 'container-rm'), '--public-access')).toBe('off');
    const policy = called(ran, 'storage', 'container', 'policy');
    expect(valueOf(policy, '--expiry')).toBe(
      new Date(Date.parse(new FakeClock().now()) + 864_000_000).toISOString().replace(/:\d\d\.\d+Z/, 'Z'),
    );
    expect(valueOf(policy, '--permissions')).toBe('acdlrw');
    const sas = join(ran.dir, "an'n $HOME.txt");
    expect(readFileSync(sas, 'utf8')).toBe('made-storage-container-generate-sas\n');
    expect(statSync(sas).mode & 0o777).toBe(0o600);
  });

  it('changes nothing where a file, another cloud or an account that is not its own is in the way', async () => {
    const script = await printed(...AZURE, '--as', 'az');
    const dir = tempDir();
    writeFileSync(join(dir, 'sas.txt'), 'kept');
    for (const [ran, says] of [
      [runScript(script, {}, dir), 'already a file sas.txt'],
      [runScript(script, { 'cloud show': 'AzureUSGovernment' }), 'az is set to AzureUSGovernment'],
      [runScript(script, { 'length(': '1', 'group exists': 'true' }), 'has no tag purpose=pstream'],
    ] as const) {
      expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining(says)]);
      expect(ran.calls.filter((call) => call.includes('create') || call.includes('update'))).toEqual([]);
    }
    expect(readFileSync(join(dir, 'sas.txt'), 'utf8')).toBe('kept');
  });
});

describe('prepare entra', () => {
  const RIGHTS = "'User.Read.All', 'MailboxFolder.Read.All', 'MailboxItem.Read.All', 'MailboxItem.Export.All'";

  it('asks for the four rights to read, and no others unless they are asked for', async () => {
    expect(await printed(...ENTRA)).toContain(`$permissions = @(${RIGHTS})\n`);
    expect(await printed(...ENTRA, '--with-fallback')).toContain(
      `(${RIGHTS}, 'Mail.Read', 'Contacts.Read', 'Calendars.Read', 'Tasks.Read.All')\n`,
    );
    const granted = runScript(await printed(...ENTRA, '--as', 'az', '--name', "O'Neill (export)"), { '.id | [0]': 'role' });
    expect([granted.status, granted.stderr]).toEqual([0, '']);
    const app = called(granted, 'ad', 'app', 'create');
    expect([valueOf(app, '--display-name'), valueOf(app, '--sign-in-audience')]).toEqual(["O'Neill (export)", 'AzureADMyOrg']);
    expect(valueOf(called(granted, 'ad', 'app', 'list'), '--filter')).toBe("displayName eq 'O''Neill (export)'");
    const asked = granted.calls
      .map((call) => /value=='([\w.]+)'/.exec(valueOf(call, '--query') ?? '')?.[1])
      .filter((name) => name !== undefined);
    expect(asked.map((name) => `'${name}'`).join(', ')).toBe(RIGHTS);
    expect(granted.calls.filter((call) => call[0] === 'rest').map((call) => JSON.parse(valueOf(call, '--body') ?? ''))).toEqual(
      asked.map(() => ({ principalId: 'made-ad-sp-create', resourceId: 'made-ad-sp-show', appRoleId: 'role' })),
    );
    expect(readFileSync(join(granted.dir, 'secret.txt'), 'utf8')).toBe('made-ad-app-credential\n');
    expect(granted.stdout).toContain(`--tenant-id ${TENANT} --client-id made-ad-app-create --secret-file secret.txt\n`);
  });

  it('makes no app where the tenant is another one, has an app of this name, or knows no such right', async () => {
    const script = await printed(...ENTRA, '--as', 'az');
    for (const [answers, says] of [
      [{ 'account show --query tenantId': PRINCIPAL }, 'another tenant'],
      [{ 'length(': '1' }, 'already an app of this name'],
      [{ '.id | [0]': '' }, 'no application permission User.Read.All'],
    ] as const) {
      const ran = runScript(script, answers);
      expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining(says)]);
      expect(called(ran, 'ad', 'app', 'create')).toBeUndefined();
      expect(existsSync(join(ran.dir, 'secret.txt'))).toBe(false);
    }
  });

  it('grants the mailboxes of a group in Exchange, and nothing of them in Entra', async () => {
    const text = await printed(...ENTRA, '--group', "Chris\u2019 leavers'; throw 'x", '--with-fallback');
    expect(text).toContain("$permissions = @('User.Read.All')\n");
    expect(text).toContain("$groupName = 'Chris\u2019\u2019 leavers''; throw ''x'\n");
    expect(text).toContain(
      "$exchangeRoles = @('Application MailboxFolder.Read', 'Application MailboxItem.Read', 'Application MailboxItem.Export', 'Application Mail.Read', 'Application Contacts.Read', 'Application Calendars.Read')\n",
    );
    const { exitCode, stderr } = await run([...ENTRA, '--group', 'leavers', '--as', 'az']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('which az cannot manage')]);
  });
});

describe('prepare', () => {
  it('writes a new file, and replaces none', async () => {
    const file = join(tempDir(), 'destination.bicep');
    expect(await printed(...AZURE, '--out', file)).toBe(`${file}\n`);
    expect(readFileSync(file, 'utf8')).toBe(await printed(...AZURE));
    expect(await run([...AZURE, '--out', file])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('already a file') });
    expect(JSON.parse(await printed(...AZURE, '--json'))).toEqual({ language: 'bicep', file: null, text: await printed(...AZURE) });
  });

  it('prints scripts that bash can read, whatever is chosen', async () => {
    for (const argv of [AZURE, [...AZURE, '--principal-id', PRINCIPAL], ENTRA, [...ENTRA, '--with-fallback']])
      execFileSync('bash', ['-n'], { input: await printed(...argv, '--as', 'az') });
  });

  it('refuses what cannot be right, with the reason', async () => {
    const azure = (...more: readonly string[]): readonly string[] => ['prepare', 'azure', '--account', 'contosopst', ...more];
    for (const [argv, says] of [
      [['prepare', 'azure', '--region', 'westeurope'], '--account: This option is needed.'],
      [['prepare', 'azure', '--account', "x'; rm", '--region', 'westeurope'], '--account: Give 3 to 24 lower-case letters and digits.'],
      [azure('--region', 'wsteurope'), '--region: Azure has no region of this name. Similar: westeurope'],
      [azure('--region', 'usgovvirginia'), 'in the global cloud only'],
      [azure('--region', 'chinaeast2'), 'in the global cloud only'],
      [azure('--region', 'westeurope', '--cloud', 'gcc-high'), '--cloud: gcc-high cannot be used. Microsoft offers'],
      [azure('--region', 'westeurope', '--container', 'a--b'), '--container: Give 3'],
      [azure('--region', 'westeurope', '--resource-group', 'a b'), '--resource-group: Give 1'],
      [azure('--region', 'westeurope', '--soft-delete', '0'), '--soft-delete: Give a whole number of days from 1 to 365.'],
      [azure('--region', 'westeurope', '--sas-days', 'x'), '--sas-days: Give a whole number of days'],
      [azure('--region', 'westeurope', '--sas-file', 'a\nb'), '--sas-file: Give 1'],
      [azure('--region', 'westeurope', '--redundancy', 'XRS'), '--redundancy: '],
      [['prepare', 'entra', '--tenant-id', 'contoso.com'], '--tenant-id: Give the id of the tenant'],
      [[...ENTRA, '--name', '@/etc/passwd'], '--name: Give 1'],
      [[...ENTRA, '--name', 'a & b'], '--name: Give 1'],
      [[...ENTRA, '--group', 'a\u202Eb'], '--group: Give 1'],
      [[...ENTRA, '--cloud', 'china'], '--cloud: china cannot be used.'],
    ] as const) {
      const { exitCode, stdout, stderr } = await run(argv);
      expect([argv, exitCode, stdout, stderr]).toEqual([argv, 2, '', expect.stringContaining(says)]);
    }
  });
});
