import { createHash } from 'node:crypto';
import { bufferSource, openPst } from '../reader/index.js';
import { isInternal } from '../reader/decode-block.js';
import { smallStore, there, type SmallStore } from '../reader/stores.fixture.js';
import { signature, pstCrc } from '../shared/index.js';
import { verifyPst, type ExpectedItems } from './index.js';

const expectedOf = ({ digests, items }: SmallStore): ExpectedItems => ({
  items: digests.length,
  digest: (n) => there(digests[n]),
  associated: (n) => items[n]?.associated === true,
});

const codes = async (bytes: Uint8Array, expected?: ExpectedItems): Promise<string[]> => {
  const { ok, problems } = await verifyPst(bufferSource(bytes), expected === undefined ? {} : { expected });
  expect(ok).toBe(problems.length === 0);
  return [...new Set(problems.map(({ code }) => code))];
};

describe('verifying a store of ours', () => {
  let store: SmallStore;
  beforeAll(async () => (store = await smallStore()));

  it('finds it sound and tells its hash, its size and what is in it', async () => {
    const progress: number[] = [];
    const report = await verifyPst(bufferSource(store.bytes), {
      expected: expectedOf(store),
      onProgress: ({ bytes }) => progress.push(bytes),
    });
    expect(report).toEqual({
      ok: true,
      sha256: createHash('sha256').update(store.bytes).digest('hex'),
      bytes: store.bytes.length,
      folders: 6,
      items: 5,
      problems: [],
      problemsDropped: 0,
    });
    expect(progress.at(-1)).toBe(store.bytes.length);
    expect((await verifyPst(bufferSource(store.bytes), { sha256: false })).sha256).toBeUndefined();
  });

  it('names items by number when they are changed, missing or too many', async () => {
    const expected = expectedOf(store);
    const changed = await verifyPst(bufferSource(store.bytes), {
      expected: { ...expected, digest: (n) => (n === 2 ? new Uint8Array(16) : expected.digest(n)) },
    });
    expect(changed.problems.map(({ code, where }) => [code, where])).toEqual([['pst.item-changed', 'item 2']]);
    const missing = await verifyPst(bufferSource(store.bytes), {
      expected: { items: 6, digest: (n) => (n === 5 ? new Uint8Array(16) : expected.digest(n)), associated: (n) => n === 4 },
    });
    expect(missing.problems.map(({ code, where }) => [code, where])).toEqual([['pst.item-missing', 'item 5']]);
    const extra = await verifyPst(bufferSource(store.bytes), {
      expected: { items: 4, digest: (n) => expected.digest(n + 1), associated: (n) => n === 3 },
    });
    expect(extra.problems.map(({ code, where }) => [code, where])).toEqual([['pst.item-unexpected', 'item at rank 0']]);
  });

  it('stops when its signal says so', async () => {
    const aborter = new AbortController();
    aborter.abort(new Error('enough'));
    await expect(verifyPst(bufferSource(store.bytes), { signal: aborter.signal })).rejects.toThrow('enough');
  });

  it('throws what its source throws, and refuses less than it asked for', async () => {
    const source = bufferSource(store.bytes);
    let reads = 0;
    const short = { size: source.size, read: (offset: number, length: number) => source.read(offset, reads++ < 2 ? length : length - 1) };
    await expect(verifyPst(short)).rejects.toThrow('pst.short-read');
    const broken = { ...source, readInto: () => Promise.reject(new Error('no line')) };
    await expect(verifyPst(broken)).rejects.toThrow('no line');
  });

  it('reports a file that is no PST instead of throwing', async () => {
    expect(await codes(Buffer.from('no PST at all'))).toEqual(['pst.not-a-pst']);
    expect(await codes(store.bytes.subarray(0, 100_000))).toContain('pst.file-size-mismatch');
  });

  describe('finds what checksums cannot, after they have been made right again', () => {
    /** Changes a block and repairs its trailer, as a wrong writer would leave it. */
    const rewrite = async (pick: (bid: number, data: Uint8Array) => boolean, change: (data: Uint8Array) => void): Promise<Uint8Array> => {
      const bytes = new Uint8Array((await smallStore('none')).bytes);
      const pst = await openPst(bufferSource(bytes), { mode: 'strict' });
      for await (const { bid, ib, cb } of pst.ndb.allBlocks()) {
        const data = bytes.subarray(ib, ib + cb);
        if (!pick(bid, data)) continue;
        change(data);
        const end = ib + Math.ceil((cb + 16) / 64) * 64;
        const view = new DataView(bytes.buffer, end - 16, 16);
        view.setUint16(2, signature(ib, bid), true);
        view.setUint32(4, pstCrc(data), true);
        return bytes;
      }
      throw new Error('no such block');
    };
    const swap32 = (data: Uint8Array, from: number, to: number): boolean => {
      const at = Buffer.from(data.buffer, data.byteOffset, data.length).indexOf(Buffer.from(Uint32Array.of(from).buffer));
      if (at < 0) return false;
      new DataView(data.buffer, data.byteOffset).setUint32(at, to, true);
      return true;
    };
    const isProperties = (bid: number, data: Uint8Array): boolean => !isInternal(bid) && data[2] === 0xec && data[3] === 0xbc;
    const holds = (data: Uint8Array, text: string): boolean => Buffer.from(data).includes(Buffer.from(text, 'utf16le'));

    it.each<[string, (bid: number, data: Uint8Array) => boolean, (data: Uint8Array) => void, string]>([
      [
        'a subject that is not the one in the row',
        (bid, data) => isProperties(bid, data) && holds(data, 'body of plain'),
        (data) => swapText(data, 'plain', 'plane'),
        'pst.row-differs',
      ],
      [
        'a lcbTotal that is not the sum',
        (bid, data) => isInternal(bid) && data[0] === 1,
        (data) => void (data[4] = there(data[4]) ^ 1),
        'pst.size-mismatch',
      ],
      [
        'a subnode entry that points to nothing',
        (bid, data) => isInternal(bid) && data[0] === 2,
        (data) => void (data[17] = 0x7f),
        'pst.block-missing',
      ],
      [
        'an attachment size that is not the sum',
        (bid, data) => isProperties(bid, data) && holds(data, 'small.txt'),
        (data) => void swap32(data, 0x00030e20, 0x00030e22),
        'pst.property-missing',
      ],
    ])('%s', async (_, pick, change, code) => {
      expect(await codes(await rewrite(pick, change))).toContain(code);
    });

    const swapText = (data: Uint8Array, from: string, to: string): void => {
      const at = Buffer.from(data.buffer, data.byteOffset, data.length).indexOf(Buffer.from(from, 'utf16le'));
      data.set(Buffer.from(to, 'utf16le'), at);
    };
  });
});
