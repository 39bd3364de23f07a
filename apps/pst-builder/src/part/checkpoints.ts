import { createHash } from 'node:crypto';
import { deleteBelow, type BlobStore, type StagedExtent } from '@pstream/blob';
import type { ByType } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';

/** What a builder must know to go on with a part: increments since the checkpoint before. */
export type Checkpoint = {
  readonly epoch: number;
  readonly seq: number;
  /** Extents acknowledged since the checkpoint before, in order. */
  readonly extents: readonly StagedExtent[];
  /** Item keys handled since, 16 bytes each; and an entry per item written, in order of arrival. */
  readonly keys: Uint8Array;
  readonly digests: Uint8Array;
  readonly writer: Uint8Array;
  /** Counters of the whole pass as of now. */
  readonly counts: PassCounts;
  /** Hash of the checkpoint before; empty for the first. */
  readonly before: string;
};

/** Counters of a pass that a builder carries from part to part; `bytes` are those of the exported items. `types` and `unbuiltBytes` are absent
 *  where an earlier release began the pass. */
export type PassCounts = {
  readonly exported: number;
  readonly unbuilt: number;
  readonly bytes: number;
  readonly unbuiltBytes?: number;
  readonly folders: Readonly<Record<string, number>>;
  readonly types?: ByType;
};

const VERSION = 1;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const name = (partId: string, epoch: number, seq: number): string =>
  `ckpt/${partId}/${String(epoch).padStart(6, '0')}-${String(seq).padStart(6, '0')}`;

/** Saves a checkpoint under a name that is never used again. Returns its hash, for the next one to point at. */
export const saveCheckpoint = async (work: BlobStore, partId: string, checkpoint: Checkpoint): Promise<string> => {
  const { keys, digests, writer, ...head } = checkpoint;
  const header = new TextEncoder().encode(
    JSON.stringify({ version: VERSION, ...head, sizes: [keys.length, digests.length, writer.length] }),
  );
  const body = new Uint8Array(4 + header.length + keys.length + digests.length + writer.length);
  new DataView(body.buffer).setUint32(0, header.length, true);
  body.set(header, 4);
  body.set(keys, 4 + header.length);
  body.set(digests, 4 + header.length + keys.length);
  body.set(writer, 4 + header.length + keys.length + digests.length);
  const hash = sha256(body);
  await work.putIfAbsent(name(partId, checkpoint.epoch, checkpoint.seq), body);
  return hash;
};

/** The longest unbroken chain of a part's checkpoints that its owners left: each points at the one before by its hash.
 *  A checkpoint that a later owner did not build upon is passed over. */
export const loadCheckpoints = async (work: BlobStore, partId: string): Promise<readonly (Checkpoint & { readonly hash: string })[]> => {
  const found = new Map<string, Checkpoint & { readonly hash: string }>();
  for await (const key of work.list(`ckpt/${partId}/`)) {
    const body = await work.get(key);
    const checkpoint = decode(key, body);
    if (checkpoint !== undefined) found.set(sha256(body), { ...checkpoint, hash: sha256(body) });
  }
  // The newest owner's last checkpoint wins; a broken chain falls back to the one before.
  const newestFirst = [...found.values()].sort((a, b) => b.epoch - a.epoch || b.seq - a.seq);
  for (const last of newestFirst) {
    const chain: (Checkpoint & { readonly hash: string })[] = [];
    let at: (Checkpoint & { readonly hash: string }) | undefined = last;
    while (at !== undefined) {
      chain.unshift(at);
      if (at.before === '') return chain;
      at = found.get(at.before);
    }
  }
  return [];
};

/** Removes a part's checkpoints once its file has been verified. */
export const dropCheckpoints = async (work: BlobStore, partId: string): Promise<void> => {
  await deleteBelow(work, `ckpt/${partId}/`, () => true);
};

/** Undefined for one that is not whole: the chain before it counts. */
const decode = (key: string, body: Uint8Array): Checkpoint | undefined => {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const length = body.length >= 4 ? view.getUint32(0, true) : body.length;
  if (4 + length > body.length) return undefined;
  const { version, sizes, ...head } = parseHeader(body.subarray(4, 4 + length)) as {
    version: number;
    sizes: [number, number, number];
  } & Omit<Checkpoint, 'keys' | 'digests' | 'writer'>;
  if (version !== VERSION) {
    throw new Fault('checkpoint.newer-version', {
      retry: 'never',
      facts: { key, version, expected: VERSION },
      advice: 'A newer pst-builder has worked on this part. Run that version.',
    });
  }
  const [keys, digests, writer] = sizes;
  const at = 4 + length;
  if (at + keys + digests + writer !== body.length) return undefined;
  return {
    ...head,
    keys: body.subarray(at, at + keys),
    digests: body.subarray(at + keys, at + keys + digests),
    writer: body.subarray(at + keys + digests),
  };
};

const parseHeader = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { version: VERSION, sizes: [-1, 0, 0] };
  }
};
