import { jest } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dumpTenant, generatedTenant, type MailboxSource, type TenantSource } from '@pstream/tenant-sim';
import { sharedDir, tempDir } from '@pstream/testing';
import { ask, describeWith, everythingRequired, ORACLES } from './readers/oracles.fixture.js';
import { makeParts, type MadePart } from './readers/parts.fixture.js';
import { ours } from './readers/seen.fixture.js';
import {
  byOutlookPst,
  byPffexport,
  byPstExtractor,
  byReadpst,
  byWalk,
  countBy,
  dataByReadpst,
  lines,
  type Walked,
} from './readers/told.fixture.js';

const MIB = 1 << 20;
jest.setTimeout(300_000);

/** A mailbox to be written: its name, its source, the largest part. */
type Wanted = { readonly name: string; readonly source: MailboxSource; readonly limit?: number };

const shared = sharedDir();
const contoso = shared === undefined ? undefined : await dumpTenant(join(shared, 'data', 'tenants', 'contoso'));
const made = generatedTenant({ seed: 7, mailboxes: 2, itemsPerMailbox: 150, archives: 1, itemsPerArchive: 60 });

const mailboxesOf = (tenant: TenantSource, limit?: number): Wanted[] =>
  tenant.users.flatMap(({ userPrincipalName, primary, archive }) => {
    const name = userPrincipalName.split('@')[0] ?? '';
    const size = limit === undefined ? {} : { limit };
    return [
      ...(primary === undefined ? [] : [{ name: `${name} primary`, source: primary, ...size }]),
      ...(archive === undefined ? [] : [{ name: `${name} archive`, source: archive, ...size }]),
    ];
  });

const wanted: Wanted[] = [
  ...(contoso === undefined ? [] : mailboxesOf(contoso)),
  ...(contoso === undefined
    ? []
    : mailboxesOf(contoso, 2 * MIB)
        .filter(({ name }) => name === 'enron primary')
        .map((one) => ({ ...one, name: `${one.name} in parts of 2 MiB` }))),
  ...mailboxesOf(made, 2 * MIB).map((one) => ({ ...one, name: `generated ${one.name} in parts of 2 MiB` })),
];
const names = wanted.map(({ name }) => name);

const parts = new Map<string, readonly MadePart[]>();
const partsOf = (name: string): readonly MadePart[] => parts.get(name) ?? [];
const scratch = tempDir();

beforeAll(async () => {
  for (const [index, { name, source, limit }] of wanted.entries()) {
    const directory = join(scratch, String(index));
    mkdirSync(directory);
    parts.set(name, await makeParts(source, directory, name.replaceAll(' ', '-'), limit));
  }
  // it prints the message classes that it has no class for
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterAll(async () => {
  jest.restoreAllMocks();
  await contoso?.close();
  await made.close();
});

describe('parts before readers', () => {
  it('has the tenant of the reference data among them', () => {
    expect(contoso === undefined && everythingRequired).toBe(false);
  });

  it('cuts mailboxes into parts that keep the limit', () => {
    for (const { name, limit } of wanted) {
      const made = partsOf(name);
      if (limit === undefined) expect(made).toHaveLength(1);
      else for (const { bytes, expected } of made) expect(expected.items.length === 1 || bytes <= limit).toBe(true);
    }
    expect(partsOf(names.at(-1) ?? '').length).toBeGreaterThan(1);
  });

  it.each(names)('shows our own strict reader what the source has: %s', async (name) => {
    for (const { path, expected } of partsOf(name)) expect(lines(await ours(path))).toEqual(lines(expected));
  });

  it.each(names)('shows pst-extractor what the source has: %s', (name) => {
    for (const { path, expected } of partsOf(name)) expect(lines(byPstExtractor(path))).toEqual(lines(expected));
  });
});

describeWith('parts before pstlint --strict', ORACLES.pstlint.missing, () => {
  it.each(names)('have no error and no warning: %s', (name) => {
    const { status, stdout, stderr } = ask('pstlint', '--quiet', ...partsOf(name).map(({ path }) => path));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const line of stdout.trim().split('\n')) expect(line).toMatch(/: 0 error\(s\), 0 warning\(s\)$/);
  });
});

describeWith('parts before outlook-pst', ORACLES['outlook-pst'].missing, () => {
  it.each(names)('have both B-trees, every block, folder, item and attachment: %s', (name) => {
    for (const { path, expected } of partsOf(name)) {
      const { status, stdout, stderr } = ask('outlook-pst', path);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const walked = JSON.parse(stdout) as Walked;
      // No block that nothing leads to.
      expect(walked.database.blocksRead).toBe(walked.database.blockEntries);
      for (const { count, items, associated } of walked.folders) expect([count, associated]).toEqual([items.length, 0]);
      expect(lines(byOutlookPst(walked))).toEqual(lines(expected));
    }
  });
});

/** What java-libpst says of message classes that it has no class for; it shows such items nevertheless. */
const withoutUnknownClasses = (stderr: string): string => stderr.replaceAll(/^Unknown message type: .*\n/gm, '');

describe.each(['java-libpst', 'pypff'] as const)('%s', (reader) => {
  describeWith(`parts before ${reader}`, ORACLES[reader].missing, () => {
    it.each(names)('have every folder, item, subject, recipient and attachment: %s', (name) => {
      for (const { path, expected } of partsOf(name)) {
        const { status, stdout, stderr } = ask(reader, path);
        expect({ status, stderr: withoutUnknownClasses(stderr) }).toEqual({ status: 0, stderr: '' });
        expect(lines(byWalk(stdout))).toEqual(lines(expected));
      }
    });
  });
});

describeWith('parts before pffinfo', ORACLES.pffinfo.missing, () => {
  it.each(names)('are stores: %s', (name) => {
    for (const { path } of partsOf(name)) {
      const { status, stdout, stderr } = ask('pffinfo', path);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/File size:.*\n.*\n?[\s\S]*Personal Storage Tables|PST/);
    }
  });
});

/** libfmapi holds uncompressed RTF to a checksum, which there has to be 0 ([MS-OXRTFCP] 2.1.3.1.4), and leaves the rest of such an item out. */
const withoutRtfQuirk = (stderr: string): string =>
  stderr.replaceAll(
    /libfmapi_lzfu_decompress: mismatch in checksum \( 0 != \d+ \)\.\nlibpff_message_get_rtf_body: .*\n(export_handle_export_\w+: unable to (retrieve|export) (RTF|RTF message|message) body\.\n)+/g,
    '',
  );

/** Classes that pffexport knows nothing of; it says "Skipped item". */
const UNKNOWN_TO_PFFEXPORT = /^IPM\.(Post$|AbchPerson|Configuration\.)/;

describeWith('parts before pffexport', ORACLES.pffexport.missing, () => {
  it.each(names)('have every item and attachment, and nothing to recover: %s', (name) => {
    for (const { path, expected } of partsOf(name)) {
      const out = `${path}.pff`;
      const { status, stdout, stderr } = ask('pffexport', '-q', '-m', 'all', '-t', out, path);
      expect({ status, stderr: withoutRtfQuirk(stderr) }).toEqual({ status: 0, stderr: '' });
      expect(stdout).not.toMatch(/recovered|orphan|Unable/);
      const skipped = [...stdout.matchAll(/^Skipped item .* of type: (.+)\.$/gm)].map(([, type]) => type ?? '');
      const unknown = expected.items.filter(({ messageClass }) => UNKNOWN_TO_PFFEXPORT.test(messageClass));
      expect(skipped.toSorted()).toEqual(unknown.map(({ messageClass }) => messageClass).toSorted());
      const known = expected.items.filter((item) => !unknown.includes(item));
      const found = byPffexport(`${out}.export`).items;
      expect(countBy(found, ({ folder }) => folder)).toEqual(countBy(known, ({ folder }) => folder));
      const whole = known.filter(({ storedRtf }) => !storedRtf);
      if (whole.length === known.length)
        expect(found.flatMap(({ data }) => data).toSorted()).toEqual(known.flatMap(({ allData }) => allData).toSorted());
      else expect(found.flatMap(({ data }) => data)).toEqual(expect.arrayContaining(whole.flatMap(({ allData }) => allData)));
    }
  });
});

/** Classes that readpst writes files for; it counts others as skipped. */
const KNOWN_TO_READPST = /^(IPM\.(Note|Schedule|Appointment|Contact|Activity)|REPORT)\b/i;

describeWith('parts before readpst', ORACLES.readpst.missing, () => {
  it.each(names)('have every item that readpst can write: %s', (name) => {
    for (const { path, expected } of partsOf(name)) {
      const out = `${path}.eml`;
      mkdirSync(out);
      const { status, stdout, stderr } = ask('readpst', '-j', '0', '-D', '-e', '-o', out, path);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const known = expected.items.filter(({ messageClass }) => KNOWN_TO_READPST.test(messageClass));
      expect(countBy(byReadpst(out), (folder) => folder)).toEqual(countBy(known, ({ folder }) => folder));
      const skipped = [...stdout.matchAll(/items done, (\d+) items skipped/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      expect(skipped).toBe(expected.items.length - known.length);
    }
  });
});

/** Classes whose attachments readpst writes. */
const WITH_FILES_IN_READPST = /^(IPM\.(Note|Schedule)|REPORT)\b/i;

describeWith('parts before readpst -S', ORACLES.readpst.missing, () => {
  it.each(names)('have every attachment of mail: %s', (name) => {
    for (const { path, expected } of partsOf(name)) {
      const out = `${path}.files`;
      mkdirSync(out);
      const { status, stderr } = ask('readpst', '-j', '0', '-D', '-S', '-b', '-o', out, path);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const mail = expected.items.filter(({ messageClass }) => WITH_FILES_IN_READPST.test(messageClass));
      const data = mail.flatMap(({ attachments }) => attachments.filter((one) => one !== 'message' && one !== 'none'));
      expect(dataByReadpst(out).toSorted()).toEqual(data.toSorted());
    }
  });
});

describeWith('parts before lspst', ORACLES.lspst.missing, () => {
  it.each(names)('have every mail with its subject: %s', (name) => {
    for (const { path, expected } of partsOf(name)) {
      const { status, stdout, stderr } = ask('lspst', '-l', path);
      // Meetings are appointments to it.
      const found = [...stdout.matchAll(/^Email\t(?:.*\t)?Subject: (.*)$/gm)].map(([, subject]) => subject ?? '');
      const mail = expected.items.filter(({ messageClass }) => /^(IPM\.Note|REPORT)\b/i.test(messageClass)).map(({ subject }) => subject);
      if (expected.items.some(({ messageClass }) => messageClass.startsWith('IPM.Configuration'))) {
        // It takes a settings item for a second message store, says so and gives up there.
        expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
        expect(stdout).toMatch(/^A second message_store has been found\..*\n$/m);
        expect(mail).toEqual(expect.arrayContaining(found));
      } else {
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(found.toSorted()).toEqual(mail.toSorted());
      }
    }
  });
});
