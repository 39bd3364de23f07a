import { createHash } from 'node:crypto';
import { deleteBelow, type BlobStore } from '@pstream/blob';
import { readItemRecord, itemRecord, type ItemMeta, type PassRefs } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';

/** A record of the items topic as its pass gets it. */
export type FeedRecord = { readonly offset: bigint; readonly meta: ItemMeta; readonly value: Uint8Array };

/** Where records were read that are set aside: the attempt of the pass that could not take them, and the partition. */
export type AsideFrom = { readonly attempt: number; readonly partition: number };

/** Whose records a blob holds. */
export type AsideOwner = Pick<PassRefs, 'mailboxJobId' | 'passId'> & AsideFrom;

/** Below this prefix records lie that have left the log and are not built yet. */
export const ASIDE = 'aside/';

const below = ({ mailboxJobId, passId }: Pick<PassRefs, 'mailboxJobId' | 'passId'>): string => `${ASIDE}${mailboxJobId}/${passId}/`;
const digits = (value: number | bigint, count: number): string => String(value).padStart(count, '0');

/** Whose records a blob holds, by its name; undefined if that is not the name of such a blob. */
export const asideOwner = (name: string): AsideOwner | undefined => {
  const [, mailboxJobId, passId, attempt, partition] =
    /^aside\/([^/]+)\/([^/]+)\/([0-9]{6})-([0-9]{6})-[0-9]{20}-[0-9a-f]{16}$/.exec(name) ?? [];
  if (mailboxJobId === undefined || passId === undefined) return undefined;
  return { mailboxJobId, passId, attempt: Number(attempt), partition: Number(partition) };
};

/** Puts records of a pass, in ascending order, into one blob of the working storage. Names ascend with attempt and offset and depend on the
 *  content, so that nothing is ever replaced: repeated, it is the same blob. Faults as of `putIfAbsent`. */
export const setAside = async (work: BlobStore, owner: AsideOwner, records: readonly FeedRecord[]): Promise<void> => {
  const [first] = records;
  if (first === undefined) return;
  const heads = records.map(({ offset, meta, value }) => ({ offset: String(offset), headers: headersOf(meta), bytes: value.length }));
  const head = new TextEncoder().encode(JSON.stringify(heads));
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, head.length, true);
  const body = Buffer.concat([size, head, ...records.map(({ value }) => value)]);
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const name = `${below(owner)}${digits(owner.attempt, 6)}-${digits(owner.partition, 6)}-${digits(first.offset, 20)}-${hash}`;
  await work.putIfAbsent(name, body);
};

/** Names of the blobs of a pass, in the order in which they are to be built. */
export const namesAside = async (work: BlobStore, pass: Pick<PassRefs, 'mailboxJobId' | 'passId'>): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const name of work.list(below(pass))) names.push(name);
  return names;
};

/** The records of such a blob. Undefined if it is not whole or is gone: its items are then missed at the end of their pass. */
export const readAside = async (work: BlobStore, name: string): Promise<readonly FeedRecord[] | undefined> => {
  try {
    return decode(await work.get(name));
  } catch (error) {
    if (isFault(error) && (error.code === 'blob.not-found' || error.code === 'blob.damaged')) return undefined;
    throw error;
  }
};

/** The passes of which records of this partition are set aside. */
export const passesAside = async (work: BlobStore, partition: number): Promise<readonly AsideOwner[]> => {
  const passes = new Map<string, AsideOwner>();
  for await (const name of work.list(ASIDE)) {
    const owner = asideOwner(name);
    if (owner?.partition === partition) passes.set(owner.passId, owner);
  }
  return [...passes.values()];
};

/** Removes everything that is set aside of a pass. */
export const dropAside = async (work: BlobStore, pass: Pick<PassRefs, 'mailboxJobId' | 'passId'>): Promise<void> => {
  await deleteBelow(work, below(pass), () => true);
};

const headersOf = (meta: ItemMeta): Readonly<Record<string, string>> => itemRecord('', meta).headers;

const decode = (body: Uint8Array): readonly FeedRecord[] | undefined => {
  const length = body.length < 4 ? body.length : new DataView(body.buffer, body.byteOffset, body.length).getUint32(0, true);
  const heads = parse(body.subarray(4, 4 + length));
  let at = 4 + length;
  if (heads === undefined || at + heads.reduce((sum, { bytes }) => sum + bytes, 0) !== body.length) return undefined;
  return heads.map(({ offset, headers, bytes }) => ({
    offset: BigInt(offset),
    meta: readItemRecord({ headers }),
    value: body.subarray(at, (at += bytes)),
  }));
};

type Head = { readonly offset: string; readonly headers: Readonly<Record<string, string>>; readonly bytes: number };

const parse = (bytes: Uint8Array): readonly Head[] | undefined => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as readonly Head[];
  } catch {
    return undefined;
  }
};
