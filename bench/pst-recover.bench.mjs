// What share of the items of damaged stores comes back: `pst convert --recover` beside readpst and pffexport on the same files, each asked for
// everything it can find. Needs the reference data (PSTREAM_SHARED); a program that is not installed is left out.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { convert } from '@pstream/convert';
import { seededRandom } from '@pstream/kernel';

export const name = 'pst-recover';

/** Ratio of the share that comes back to the best of the others; 1 holds. */
export const target = 1;

const STORES = [
  'PstReader__pst2john_2003_compressable-encryption_quickquick.pst',
  'PstReader__pst2john_2003_high-encryption_quickquick.pst',
  'PstReader__pst2john_2k_outlook_qwerty1234.pst',
  'pst-extractor__enron.pst',
  'PstReader__hughbe_Outlook.pst',
  'PstReader__process-pst_flags_john_doe.pst',
  'PstReader__backup_with_rules.pst',
  'Aspose.Email__Outlook.pst',
  'Aspose.Email__PersonalStorageFile1.pst',
  'Aspose.Email__passwordprotectedPST.pst',
];

const SECTOR = 512;
const isTreePage = (bytes, at) => [0x80, 0x81].includes(bytes[at + 496]) && bytes[at + 496] === bytes[at + 497];
const isAnsiTreePage = (bytes, at) => [0x80, 0x81].includes(bytes[at + 500]) && bytes[at + 500] === bytes[at + 501];
const treePages = (bytes) => {
  const test = bytes.readUInt16LE(10) < 20 ? isAnsiTreePage : isTreePage;
  const pages = [];
  for (let at = 0; at + SECTOR <= bytes.length; at += SECTOR) if (test(bytes, at)) pages.push(at);
  return pages;
};
const zero = (bytes, at, length) => void bytes.fill(0, at, Math.min(at + length, bytes.length));

/** Ways in which stores are found broken; each changes `bytes` in place or gives shorter ones. */
const DAMAGE = {
  'header zeroed': (bytes) => zero(bytes, 0, 564),
  'tree references in the header random': (bytes, random) => {
    for (let at = 184; at < 248; at++) bytes[at] = random() * 256;
  },
  'all pages of the block tree zeroed': (bytes) => {
    const ansi = bytes.readUInt16LE(10) < 20;
    for (const at of treePages(bytes)) if (bytes[at + (ansi ? 500 : 496)] === 0x80) zero(bytes, at, SECTOR);
  },
  'upper pages of both trees zeroed': (bytes) => {
    const ansi = bytes.readUInt16LE(10) < 20;
    for (const at of treePages(bytes)) if (bytes[at + (ansi ? 499 : 491)] > 0) zero(bytes, at, SECTOR);
  },
  'a third of the tree pages zeroed': (bytes, random) => {
    for (const at of treePages(bytes)) if (random() < 1 / 3) zero(bytes, at, SECTOR);
  },
  'a twentieth of the sectors zeroed': (bytes, random) => {
    for (let at = SECTOR * 2; at < bytes.length; at += SECTOR) if (random() < 0.05) zero(bytes, at, SECTOR);
  },
  'the last third cut off': (bytes) => bytes.subarray(0, Math.floor((bytes.length * 2) / 3)),
  'a tenth in the middle overwritten': (bytes, random) => {
    const from = Math.floor(bytes.length * 0.45);
    for (let at = from; at < from + bytes.length / 10; at++) bytes[at] = random() * 256;
  },
  'a bit in every 20 KiB flipped': (bytes, random) => {
    for (let at = 0; at < bytes.length; at += 20_480) bytes[Math.min(bytes.length - 1, at + Math.floor(random() * 20_480))] ^= 1;
  },
  'allocation maps and the first 64 KiB zeroed': (bytes) => zero(bytes, 0, 0x1_0000),
};

const ours = async (file, dir) => {
  const output = join(dir, 'out.pst');
  const { written } = await convert({
    sources: [file],
    nameOf: () => output,
    displayName: 'out',
    createdAt: '2024-01-01T00:00:00Z',
    recordKey: () => new Uint8Array(16).fill(1),
    recover: true,
  }).catch((error) => (error.code === undefined ? Promise.reject(error) : { written: 0 }));
  return written;
};

const filesBelow = (dir, test) => readdirSync(dir, { recursive: true }).filter((path) => test(String(path))).length;
const OTHERS = {
  readpst: (file, dir) => {
    spawnSync('readpst', ['-D', '-S', '-q', '-o', dir, file], { timeout: 60_000 });
    return filesBelow(dir, (path) => /(?:^|\/)\d+(?:\.\w+)?$/.test(path));
  },
  pffexport: (file, dir) => {
    spawnSync('pffexport', ['-q', '-m', 'all', '-t', join(dir, 'x'), file], { timeout: 60_000 });
    return filesBelow(dir, (path) => /(?:Message|Appointment|Contact|Task|Note|Meeting|Activity|Document|Common|Unknown)\d+$/.test(path));
  },
};

/** Items that come back of those that the whole store gives the same program, over all stores and kinds of damage. */
export const run = async ({ log }) => {
  const data = join(resolve(process.env.PSTREAM_SHARED ?? '../shared'), 'data', 'pst');
  const programs = { pstream: ours };
  for (const [program, read] of Object.entries(OTHERS))
    if (spawnSync(program, ['-V']).error === undefined) programs[program] = read;
    else log(`${program} is not installed and is left out`);
  const dir = mkdtempSync(join(tmpdir(), 'pstream-recover-'));
  const tally = Object.fromEntries(Object.keys(programs).map((program) => [program, { back: 0, whole: 0, byKind: {} }]));
  try {
    for (const store of STORES) {
      const whole = readFileSync(join(data, store));
      const counts = {};
      for (const [program, read] of Object.entries(programs)) counts[program] = await counted(read, whole, dir);
      for (const [kind, damage] of Object.entries(DAMAGE)) {
        const bytes = Buffer.from(whole);
        const random = seededRandom(store.length * 31 + kind.length);
        const broken = damage(bytes, () => random.unit()) ?? bytes;
        for (const [program, read] of Object.entries(programs)) {
          const back = Math.min(counts[program], await counted(read, broken, dir));
          const sums = tally[program];
          sums.back += back;
          sums.whole += counts[program];
          const of = (sums.byKind[kind] ??= { back: 0, whole: 0 });
          of.back += back;
          of.whole += counts[program];
        }
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  const share = ({ back, whole }) => (whole === 0 ? 0 : back / whole);
  for (const kind of Object.keys(DAMAGE))
    log(
      `  ${kind.padEnd(46)} ${Object.entries(tally)
        .map(([program, sums]) => `${program} ${(100 * share(sums.byKind[kind])).toFixed(1)} %`)
        .join(', ')}`,
    );
  const value = share(tally.pstream);
  const others = Object.entries(tally).filter(([program]) => program !== 'pstream');
  const baseline = Math.max(0, ...others.map(([, sums]) => share(sums)));
  return { value: 100 * value, unit: '% of the items', baseline: 100 * baseline, ratio: baseline === 0 ? 1 : value / baseline };
};

const counted = async (read, bytes, dir) => {
  const own = mkdtempSync(join(dir, 'run-'));
  const file = join(own, 'store.pst');
  writeFileSync(file, bytes);
  const into = mkdtempSync(join(own, 'out-'));
  try {
    return await read(file, into);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
};
