import { createHash } from 'node:crypto';
import { ID, PT, utf16Text, type MapiItem } from '@pstream/mapi';
import type { BesidePayload } from '../fidelity/index.js';
import { bufferSource, openPst } from '../reader/index.js';
import { verifyPst } from '../verify/index.js';
import { file, mail, text } from './items.fixture.js';
import { MemoryTarget } from './memory-target.fixture.js';
import { PstWriter } from './index.js';

const TOO_LARGE = 2 ** 31 + 4321;

/** Takes payloads as a destination would: piece by piece, keeping nothing but name, length and hash. */
class BesideTarget extends MemoryTarget {
  readonly kept: { readonly name: string; readonly bytes: number; readonly sha256: string }[] = [];
  readonly stagedBefore: number[] = [];

  async beside({ name, pieces }: BesidePayload): Promise<void> {
    this.stagedBefore.push(this.order.length);
    const hash = createHash('sha256');
    let bytes = 0;
    for (const piece of pieces()) {
      hash.update(piece);
      bytes += piece.length;
    }
    this.kept.push({ name, bytes, sha256: hash.digest('hex') });
  }
}

describe('an attachment that no PST can hold', () => {
  it('is handed over to be kept beside the part, and the message links to it', async () => {
    const data = new Uint8Array(TOO_LARGE);
    data.set([1, 2, 3], TOO_LARGE - 3);
    const huge = { properties: [{ id: ID.AttachData, type: PT.Binary, value: data }, text(ID.AttachLongFilename, 'film.mkv')] };
    const item: MapiItem = mail('with a film', { attachments: [file('small.txt', 10), huge] });
    const target = new BesideTarget(1);
    const writer = PstWriter.create(target, {
      recordKey: new Uint8Array(16).fill(1),
      displayName: 'Part',
      createdAt: '2024-01-01T00:00:00Z',
      regionsPerExtent: 1,
    });
    writer.ensureFolder({ key: 'in', parent: null, name: 'Inbox' });
    expect(writer.boundAfter(item)).toBeLessThan(2 ** 20);
    const receipt = await writer.addItem('in', item);
    await writer.seal();

    const [kept] = target.kept;
    expect(kept).toMatchObject({ name: `${kept?.sha256}.bin`, bytes: TOO_LARGE });
    expect(receipt.oversize).toEqual([{ id: ID.AttachData, bytes: TOO_LARGE, beside: kept?.name }]);
    expect(target.stagedBefore).toEqual([0]);
    const report = await verifyPst(bufferSource(target.file()), { expected: { items: 1, digest: () => receipt.digest } });
    expect(report.problems).toEqual([]);
    const pst = await openPst(bufferSource(target.file()), { mode: 'strict' });
    for await (const folder of pst.folders())
      for await (const pending of pst.items(folder)) {
        const { attachments } = await pending.item();
        const properties = attachments[1]?.properties ?? [];
        const value = (id: number): Uint8Array | undefined => properties.find((property) => property.id === id)?.value;
        expect(attachments).toHaveLength(2);
        expect([value(ID.AttachMethod)?.[0], value(ID.AttachData)]).toEqual([4, undefined]);
        expect(utf16Text(value(ID.AttachLongPathname) ?? new Uint8Array(0))).toBe(kept?.name);
        expect(utf16Text(value(ID.AttachLongFilename) ?? new Uint8Array(0))).toBe('film.mkv');
      }
  }, 120_000);
});
