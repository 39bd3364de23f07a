import { jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSmallDisk, sharedDir, tempDir } from '@pstream/testing';
import {
  contentsOf,
  digestsOf,
  endAllDemos,
  fileSha256,
  psts,
  reportOf,
  runDemo,
  sourceStores,
  startDemo,
  type DemoReport,
  type Ended,
} from './demo/demo.fixture.js';
import { ask, describeWith, ORACLES } from './readers/oracles.fixture.js';

jest.setTimeout(900_000);
afterAll(endAllDemos);

const shared = sharedDir() ?? '';
const noData = sharedDir() === undefined ? 'no reference data, set PSTREAM_SHARED' : undefined;
const CONTOSO = join(shared, 'data', 'tenants', 'contoso');

/** What holds for every demo that ended well: sums, files, the independent check of each part. */
const expectWhole = async (ended: Ended, out: string): Promise<DemoReport> => {
  const report = reportOf(ended);
  const said = report.ok
    ? ''
    : ended.stderr
        .split('\n')
        .filter((line) => !line.startsWith('✓'))
        .join('\n');
  expect({ code: ended.code, ok: report.ok, said }).toEqual({ code: 0, ok: true, said: '' });
  const listed: string[] = [];
  for (const { discovered, exported, skipped, failed, parts } of report.mailboxes) {
    expect(discovered).toBe(exported + skipped + failed);
    expect(parts.reduce((sum, { items }) => sum + items, 0)).toBe(exported);
    for (const { path, bytes, sha256, items } of parts) {
      listed.push(path);
      expect({ bytes: statSync(path).size, sha256: await fileSha256(path) }).toEqual({ bytes, sha256 });
      expect(await digestsOf(path)).toHaveLength(items);
    }
  }
  expect(psts(out).toSorted()).toEqual(listed.toSorted());
  if (ORACLES.pstlint.missing === undefined) {
    const { status, stdout } = ask('pstlint', '--quiet', ...listed);
    expect(status === 0 ? 'clean' : stdout).toBe('clean');
  }
  return report;
};

/** Starts the same demo three times and kills it at moments that follow from the seed. */
const killThrice = async (args: readonly string[], seed: number): Promise<void> => {
  let state = seed;
  for (let kills = 0; kills < 3; kills++) {
    const demo = startDemo(...args);
    await demo.says('pstream is running');
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    await new Promise((resolve) => setTimeout(resolve, 500 + ((state >>> 8) % 6000)));
    demo.kill();
    await demo.ended;
  }
};

/** Stores with items that have no search key and partly no times, by which pstdiff would find the pairs: these are counted. */
const UNPAIRED = new Set(['contacts primary', 'notes primary']);

const mailboxName = ({ userPrincipalName, kind }: DemoReport['mailboxes'][number]): string => `${userPrincipalName.split('@')[0]} ${kind}`;

/** Compares the parts of each mailbox with the store that it was made from; something more than there was is a difference too. */
const expectNothingLost = async ({ mailboxes }: DemoReport): Promise<void> => {
  const stores = sourceStores(shared);
  expect(mailboxes.map(mailboxName).toSorted()).toEqual(Object.keys(stores).toSorted());
  for (const mailbox of mailboxes) {
    const name = mailboxName(mailbox);
    const store = stores[name] ?? '';
    if (UNPAIRED.has(name)) expect((await digestsOf(store, 'lenient')).length).toBe(mailbox.exported);
    else {
      const { status, stdout, stderr } = ask('pstdiff', store, ...mailbox.parts.map(({ path }) => path), '--show', '5');
      expect(status === 0 ? `${name}: no difference` : stdout + stderr).toBe(`${name}: no difference`);
    }
  }
};

describeWith('the tenant of the reference data, exported', noData ?? ORACLES.pstdiff.missing, () => {
  it.each(['10GiB', '2MiB'])('loses nothing in parts of %s', async (size) => {
    const out = join(tempDir(), 'out');
    const report = await expectWhole(await runDemo('--tenant', CONTOSO, '--out', out, '--json', '--part-size', size), out);
    await expectNothingLost(report);
    const enron = report.mailboxes.find((mailbox) => mailboxName(mailbox) === 'enron primary');
    expect((enron?.parts.length ?? 0) > 1).toBe(size === '2MiB');
  });

  it('loses nothing and has nothing twice when the demo is killed three times', async () => {
    const out = join(tempDir(), 'out');
    const all = ['--tenant', CONTOSO, '--part-size', '2MiB', '--out', out, '--json'];
    await killThrice(all, 7_001);
    await expectNothingLost(await expectWhole(await runDemo(...all), out));
  });
});

type Listed = { readonly file: string; readonly format: string; readonly items: number | null; readonly note?: string };

describeWith('stores as mailboxes', noData, () => {
  const manifest =
    noData === undefined ? (JSON.parse(readFileSync(join(shared, 'data', 'manifest.json'), 'utf8')) as { files: Listed[] }).files : [];
  const unicode = manifest.filter(({ file, format }) => file.startsWith('pst/') && format === 'Unicode');
  /** Damaged on purpose or by their writers, as the manifest says. */
  const damaged = unicode.filter(({ note }) => note !== undefined && /checksum|cannot be read|libpff refuses/.test(note));

  it('are exported, every readable one', async () => {
    const readable = unicode.filter((store) => !damaged.includes(store));
    const out = join(tempDir(), 'out');
    const mailboxes = readable.flatMap(({ file }, index) => ['--mailbox', `user${index}@stores.test=${join(shared, 'data', file)}`]);
    const report = await expectWhole(await runDemo(...mailboxes, '--out', out, '--json'), out);
    expect(report.mailboxes).toHaveLength(readable.length);
    for (const { userPrincipalName, exported, failed } of report.mailboxes) {
      const store = readable[Number(/\d+/.exec(userPrincipalName)?.[0])];
      expect({ file: store?.file, exported, failed }).toEqual({
        file: store?.file,
        exported: (await digestsOf(join(shared, 'data', store?.file ?? ''), 'lenient')).length,
        failed: 0,
      });
    }
  });

  it.each(damaged.map(({ file }) => file))('that are damaged end in a clear word or a whole part: %s', async (file) => {
    const out = join(tempDir(), 'out');
    const ended = await runDemo('--mailbox', `user@stores.test=${join(shared, 'data', file)}`, '--out', out, '--json');
    if (ended.code === 0) await expectWhole(ended, out);
    else {
      expect(ended.code).toBe(1);
      expect(ended.stderr).not.toMatch(/^\s+at /m);
      expect(ended.stderr).toMatch(/\.pst|user@stores\.test/);
      for (const path of existsSync(out) ? psts(out) : []) await digestsOf(path);
    }
  });
});

describe('the demo with made-up mailboxes', () => {
  const made = ['--generate', '60', '--part-size', '2MiB', '--json', '--out'];
  let undisturbed: { readonly report: DemoReport; readonly contents: Record<string, readonly string[]> };
  const once = async (): Promise<typeof undisturbed> => {
    const out = join(tempDir(), 'out');
    const ended = await runDemo(...made, out);
    const report = await expectWhole(ended, out);
    expect(ended.stderr).toMatch(/one \S+ was not exported \(fasttransfer\.truncated\S*\)/);
    expect(ended.stderr).toMatch(/one \S+ was exported as MIME \(fasttransfer\.\S+\)/);
    expect(report.mailboxes.reduce((sum, { mime }) => sum + mime, 0)).toBe(1);
    expect(ended.stderr).toMatch(/Retry Errors: every failed item was mended/);
    return { report, contents: await contentsOf(report) };
  };

  it('exports three mailboxes and an archive, and mends the one failure with Retry Errors', async () => {
    undisturbed = await once();
    expect(undisturbed.report.mailboxes.map(({ kind, failed }) => `${kind} ${failed}`).toSorted()).toEqual([
      'archive 0',
      'primary 0',
      'primary 0',
      'primary 0',
    ]);
  });

  it('finishes after three kills with each item exactly once', async () => {
    undisturbed ??= await once();
    const out = join(tempDir(), 'out');
    await killThrice([...made, out], 20_240_517);
    const report = await expectWhole(await runDemo(...made, out), out);
    const contents = await contentsOf(report);
    for (const { userPrincipalName, kind, discovered, failed } of report.mailboxes) {
      const name = `${userPrincipalName} ${kind}`;
      const expected = undisturbed.contents[name] ?? [];
      const found = contents[name] ?? [];
      expect(discovered).toBe(expected.length);
      // The tenant that is started again has forgotten how often it cut the one stream off, and may do so in the retry too: then the item is there as MIME.
      const missing = expected.filter((item) => !found.includes(item));
      const asMime = found.filter((item) => !expected.includes(item));
      expect({ name, failed }).toEqual({ name, failed: missing.length - asMime.length });
      expect(missing.length).toBeLessThanOrEqual(name === 'user1@fabrikam.test primary' ? 1 : 0);
      expect(found).toHaveLength(expected.length - failed);
    }
  });
});

describe('wrong input', () => {
  /** Ends with this code and a message that matches, tells no stack, and leaves no part behind that is not whole. */
  const expectRefused = async (ended: Ended, code: number, message: RegExp, out: string): Promise<void> => {
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    for (const path of existsSync(out) ? psts(out) : []) await digestsOf(path);
  };

  it.each([
    ['a part size that is none', ['--part-size', 'huge'], 2, /--part-size must be a size from .*found "huge"/],
    ['a part size below the least', ['--part-size', '1KiB'], 2, /--part-size must be a size from .*found "1KiB"/],
    ['an option that is not known', ['--speed', 'high'], 2, /--speed/],
    [
      'a tenant that is not there',
      ['--tenant', 'no/such/directory'],
      2,
      /--tenant must be the directory of a tenant dump; .*no\/such\/directory is none/,
    ],
    ['a mailbox without a file', ['--mailbox', 'ann@example.test'], 2, /--mailbox must be UPN=primary\.pst/],
    ['a mailbox twice', ['--mailbox', 'a@b.test=x.pst', '--mailbox', 'A@b.test=y.pst'], 2, /names A@b\.test twice/],
    ['a store that is not there', ['--mailbox', 'a@b.test=no-such.pst'], 1, /no-such\.pst/],
  ] as const)('%s is refused with what, where and what to do', async (_title, args, code, message) => {
    const out = join(tempDir(), 'out');
    await expectRefused(await runDemo(...args, '--out', out, '--json'), code, message, out);
  });

  it('a file in place of the output directory is refused', async () => {
    const out = join(tempDir(), 'out');
    writeFileSync(out, '');
    const ended = await runDemo('--generate', '5', '--out', out, '--json');
    expect(ended.code).toBeGreaterThan(0);
    expect(ended.stderr).toContain(out);
    expect(ended.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  it('an output directory that holds parts of others is refused and left alone', async () => {
    const out = join(tempDir(), 'out');
    mkdirSync(join(out, 'mailboxes'), { recursive: true });
    const theirs = join(out, 'mailboxes', 'user1.pst');
    writeFileSync(theirs, 'not ours');
    const ended = await runDemo('--generate', '5', '--out', out, '--json');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/already holds exported files .*--out/);
    expect(readFileSync(theirs, 'utf8')).toBe('not ours');
  });
});

describeWith('damaged tenant dumps', noData, () => {
  const copied = (): { tenant: string; out: string } => {
    const place = tempDir();
    const tenant = join(place, 'tenant');
    mkdirSync(tenant);
    cpSync(join(CONTOSO, 'deep-primary'), join(tenant, 'deep-primary'), { recursive: true, mode: 0 });
    writeFileSync(
      join(tenant, 'tenant.json'),
      JSON.stringify({
        tenantId: 'a49b2d7a-bdee-5e96-b19a-3e1c03b53ba4',
        users: [{ userPrincipalName: 'deep@contoso.test', displayName: 'deep', primary: 'deep-primary', archive: null }],
      }),
    );
    execFileSync('chmod', ['-R', 'u+w', tenant]);
    return { tenant, out: join(place, 'out') };
  };

  it('whose description is no JSON is refused with the file', async () => {
    const { tenant, out } = copied();
    writeFileSync(join(tenant, 'tenant.json'), '{');
    const ended = await runDemo('--tenant', tenant, '--out', out, '--json');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('tenant.json');
    expect(ended.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  it('whose listing has a line that cannot be read is refused with file and line', async () => {
    const { tenant, out } = copied();
    const items = join(tenant, 'deep-primary', 'items.jsonl');
    copyFileSync(items, `${items}.bak`);
    writeFileSync(items, `${readFileSync(items, 'utf8')}{broken\n`);
    const ended = await runDemo('--tenant', tenant, '--out', out, '--json');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/items\.jsonl.*2/);
  });

  it('whose streams are cut short fail the item by name, and the rest is whole', async () => {
    const { tenant, out } = copied();
    const streams = join(tenant, 'deep-primary', 'streams.bin');
    truncateSync(streams, statSync(streams).size - 1000);
    const ended = await runDemo('--tenant', tenant, '--out', out, '--json');
    expect(ended.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    if (ended.stdout !== '') expect(reportOf(ended).mailboxes[0]?.failed).toBe(1);
    else expect(ended.code).toBe(1);
    for (const path of existsSync(out) ? psts(out) : []) await digestsOf(path);
  });
});

describeSmallDisk('a full disk', 24, (disk) => {
  it('is named with what to do, and leaves no part that is not whole', async () => {
    const out = join(disk, 'out');
    const { code, stderr } = await runDemo('--generate', '400', '--out', out, '--json');
    expect(code).toBe(1);
    expect(stderr).toMatch(/space|full/i);
    for (const path of psts(out)) await digestsOf(path);
  });
});
