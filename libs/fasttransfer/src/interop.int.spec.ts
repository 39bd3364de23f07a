import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MapiItem } from '@pstream/mapi';
import { describeShared } from '@pstream/testing';
import { decodeBase64, decodeExportStream, encodeExportStream, type EncodeOptions } from './index.js';
import { INTEROP_PROGRAM } from './interop-program.fixture.js';
import { BIG, EXAMPLE, nested } from './items.fixture.js';
import { neutral } from './neutral.fixture.js';

type Answer = {
  readonly decoded: readonly (readonly string[])[];
  readonly encoded: readonly { readonly file: string; readonly lines: readonly string[] }[];
};

const OPTIONS: readonly EncodeOptions[] = [
  {},
  { strings: 'unicode', bodyBytes: 5 },
  { strings: 1252, bodyBytes: 31 },
  { strings: 932 },
  { strings: 20866, dnPrefix: '/o=contoso' },
];

describeShared('an independent codec of export streams', (shared) => {
  const made: { item: MapiItem; file: Uint8Array }[] = [EXAMPLE, nested(3), BIG].flatMap((item) =>
    OPTIONS.map((options) => ({ item, file: encodeExportStream(item, options) })),
  );
  let dumps: readonly Uint8Array[];
  let answer: Answer;

  beforeAll(() => {
    dumps = tenantFiles(join(shared, 'data/tenants/contoso'));
    const small = dumps.filter((file) => file.length < 200_000).map((file) => decodeExportStream(file));
    made.push(...small.map((item, index) => ({ item, file: encodeExportStream(item, OPTIONS[index % OPTIONS.length]) })));
    const decode = [...made.map(({ file }) => file), ...dumps].map((file) => Buffer.from(file).toString('base64'));
    const input = JSON.stringify({ tools: join(shared, 'tools'), decode });
    const run = spawnSync('python3', ['-c', INTEROP_PROGRAM], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (run.status !== 0) throw new Error(`python3 failed: ${run.error?.message ?? run.stderr}`);
    answer = JSON.parse(run.stdout) as Answer;
  }, 120_000);

  it('reads what we write as the item that we wrote', () => {
    expect(made.length).toBeGreaterThan(200);
    made.forEach(({ item }, index) => expect(answer.decoded[index]).toEqual(neutral(item)));
  });

  it('reads the items of a tenant as we read them', () => {
    dumps.forEach((file, index) => expect(answer.decoded[made.length + index]).toEqual(neutral(decodeExportStream(file))));
  });

  it('writes what we read as the item that it wrote: every type, single and multiple, in bodies of any size', () => {
    expect(answer.encoded).toHaveLength(8);
    for (const { file, lines } of answer.encoded) expect(neutral(decodeExportStream(decodeBase64(file)))).toEqual(lines);
  });
});

/** The export streams of every mailbox of a tenant dump. */
const tenantFiles = (root: string): readonly Uint8Array[] =>
  readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'streams.bin')))
    .flatMap((name) => {
      const streams = readFileSync(join(root, name, 'streams.bin'));
      const rows = readFileSync(join(root, name, 'items.jsonl'), 'utf8')
        .split('\n')
        .filter(Boolean);
      return rows.map((row) => {
        const { offset, bytes } = (JSON.parse(row) as { stream: { offset: number; bytes: number } }).stream;
        return streams.subarray(offset, offset + bytes);
      });
    });
