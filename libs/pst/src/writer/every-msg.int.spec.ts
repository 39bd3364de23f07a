import { jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ID, MULTIPLE, PT, type Attachment, type MapiItem, type Property } from '@pstream/mapi';
import { readMsg, type MsgFile } from '@pstream/msg';
import { describeShared, tempDir } from '@pstream/testing';
import { SCOPE, droppedBecause, type DropReason } from '../fidelity/index.js';
import { EMPTY, storedValue } from '../fidelity/values.js';
import { bufferSource, openPst } from '../reader/index.js';
import { compareItemPair } from '../tools/compare-items.js';
import { beginPart, partTarget } from './store-copy.fixture.js';

// Each test starts Python programs; the machine may be busy.
jest.setTimeout(120_000);

/** Files with damaged property lists: types that do not exist, ids whose names are gone. What is left of them has to go in all the same. */
const DAMAGED = /^poi__(clusterfuzz-testcase-|unknown_properties\.msg$)/;
/** Reasons of the closed list that say something about the file and not about PSTs; only damaged files may meet them. */
const FAULTS_OF_THE_SOURCE: readonly DropReason[] = ['type', 'malformed', 'unnamed', 'name', 'oversize', 'full'];

/** Prints every message of a store as the independent reader sees it, values as SHA-256. */
const DUMP = `
import hashlib, json, sys
import psttree as pt
def value(key, v):
    if key == 0x37 and v.type == 0x1F: return [v.type, hashlib.sha256(pt.split_subject(pt.text(v))[1].encode('utf-16-le', 'surrogatepass')).hexdigest()]
    if v.type in (0x101F, 0x1102): return [v.type, [hashlib.sha256(one).hexdigest() for one in pt.multi(v)]]
    return [v.type, hashlib.sha256(v.raw).hexdigest()]
def bag(props): return {str(k) if isinstance(k, int) else '%s/%s' % k: value(k, v) for k, v in props.items()}
def message(m): return {'damage': m.damage, 'props': bag(m.props), 'recipients': [bag(r) for r in m.recipients], 'attachments': [
    {'props': bag(a.props), 'data': None if a.data is None else hashlib.sha256(a.data).hexdigest(),
     'embedded': None if a.embedded is None else message(a.embedded)} for a in m.attachments]}
print(json.dumps({f.path[0]: [message(m) for m in f.messages()] for f in pt.open_store(sys.argv[1]).folders() if f.path}))
`;

type Bag = Readonly<Record<string, readonly [number, string | readonly string[]]>>;
type Dumped = {
  readonly damage: readonly string[];
  readonly props: Bag;
  readonly recipients: readonly Bag[];
  readonly attachments: readonly { readonly props: Bag; readonly data: string | null; readonly embedded: Dumped | null }[];
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const guidText = (set: Uint8Array): string => {
  const hex = (from: number, to: number, reversed: boolean): string =>
    Buffer.from(reversed ? set.slice(from, to).reverse() : set.slice(from, to)).toString('hex');
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join('-');
};

/** Follow from what was written; the data of attachments is compared apart. */
const STORE_MADE = new Set([String(ID.MessageFlags), String(ID.AttachMethod), String(ID.AttachData)]);

const wantedOf = (properties: readonly Property[], scope: number): Bag => {
  const out: Record<string, [number, string | string[]]> = {};
  for (const { id, name, type, value, values } of properties) {
    if (name === undefined && (id >= 0x8000 || droppedBecause(id, scope) !== undefined || STORE_MADE.has(String(id)))) continue;
    if (storedValue({ id, type, value: EMPTY }) === null) continue;
    const key = name === undefined ? String(id) : `${guidText(name.set)}/${name.lid ?? name.name}`;
    out[key] = [type, type === (PT.String | MULTIPLE) || type === (PT.Binary | MULTIPLE) ? (values ?? []).map(sha256) : sha256(value)];
  }
  return out;
};

const dataOf = ({ properties }: Attachment): string | null => {
  const found = properties.find(({ id }) => id === ID.AttachData);
  return found === undefined ? null : sha256(found.value);
};

/** What the independent reader does not see as the source has it. */
const missing = (where: string, item: MapiItem, seen: Dumped): string[] => {
  const bag = (at: string, properties: readonly Property[], scope: number, props: Bag): string[] =>
    Object.entries(wantedOf(properties, scope))
      .filter(([key, value]) => JSON.stringify(props[key]) !== JSON.stringify(value))
      .map(([key, [type]]) => `${at} ${key} of type ${type.toString(16)}`);
  const counts = [item.recipients.length - seen.recipients.length, item.attachments.length - seen.attachments.length];
  return [
    ...seen.damage.map((what) => `${where} damage ${what}`),
    ...(counts.some((difference) => difference !== 0) ? [`${where} recipients and attachments ${counts.join(' ')}`] : []),
    ...bag(where, item.properties, SCOPE.message, seen.props),
    ...item.recipients.flatMap(({ properties }, i) => bag(`${where}/recipient${i}`, properties, SCOPE.recipient, seen.recipients[i] ?? {})),
    ...item.attachments.flatMap((one, i) => {
      const at = `${where}/attachment${i}`;
      const other = seen.attachments[i];
      if (other === undefined) return [];
      const inner = one.embedded === undefined || other.embedded === null ? [] : missing(`${at}/message`, one.embedded, other.embedded);
      const wrong = one.embedded === undefined ? dataOf(one) !== null && dataOf(one) !== other.data : other.embedded === null;
      return [...bag(at, one.properties, SCOPE.attachment, other.props), ...(wrong ? [`${at} data`] : []), ...inner];
    }),
  ];
};

describeShared('the messages of all .msg files in one part', (shared) => {
  const directory = join(shared, 'data', 'msg');
  const names = readdirSync(directory);
  const files = new Map<string, MsgFile>();
  const dropped = new Map<string, readonly string[]>();
  const path = join(tempDir(), 'messages.pst');
  let bytes: Buffer;
  const python = (...args: readonly string[]): string => {
    const { stdout, stderr } = spawnSync('python3', args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, PYTHONPATH: join(shared, 'tools') },
    });
    return stdout + stderr;
  };

  beforeAll(async () => {
    const target = partTarget();
    const writer = beginPart(target, 'permute');
    for (const name of names) {
      const file = readMsg(readFileSync(join(directory, name)));
      files.set(name, file);
      writer.ensureFolder({ key: name, parent: null, name });
      dropped.set(name, Object.keys((await writer.addItem(name, file.item)).dropped));
    }
    await writer.seal();
    bytes = target.file();
    writeFileSync(path, bytes);
  });

  it('are read from the files without anything left over', () => {
    expect(names.length).toBeGreaterThan(170);
    expect(names.filter((name) => !DAMAGED.test(name) && files.get(name)?.strays.length !== 0)).toEqual([]);
  });

  it('lose nothing but what the closed list names', () => {
    for (const [name, reasons] of dropped)
      if (!DAMAGED.test(name))
        expect([name, reasons.filter((reason) => FAULTS_OF_THE_SOURCE.includes(reason as DropReason))]).toEqual([name, []]);
  });

  it('have no error and no warning of pstlint', () => {
    expect(python(join(shared, 'tools', 'pstlint.py'), '--strict', path)).toMatch(/: 0 error\(s\), 0 warning\(s\)\n$/);
  });

  it('have every property, recipient, attachment and embedded message for an independent reader', () => {
    const dumped = JSON.parse(python('-c', DUMP, path)) as Record<string, readonly [Dumped]>;
    expect(names.flatMap((name) => missing(name, (files.get(name) as MsgFile).item, (dumped[name] as readonly [Dumped])[0]))).toEqual([]);
  });

  it('come back from our strict reader without a difference', async () => {
    const pst = await openPst(bufferSource(bytes), { mode: 'strict' });
    const told: unknown[] = [];
    const counts = { properties: 0, recipients: 0, attachments: 0, embedded: 0 };
    let items = 0;
    for await (const folder of pst.folders())
      for await (const pending of pst.items(folder)) {
        items++;
        const name = folder.path[0] ?? '';
        if (DAMAGED.test(name)) continue;
        compareItemPair(
          name,
          (files.get(name) as MsgFile).item,
          await pending.item(),
          (one) => one.kind !== 'added' && told.push(one),
          counts,
        );
      }
    expect(told).toEqual([]);
    expect(items).toBe(names.length);
    expect(counts.properties).toBeGreaterThan(15_000);
  });
});
