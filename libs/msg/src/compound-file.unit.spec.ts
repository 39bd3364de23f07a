import * as CFB from 'cfb';
import { readCompoundFile } from './compound-file.js';

/** A compound file with the streams given by path. */
const fileOf = (streams: Readonly<Record<string, Uint8Array>>): Buffer => {
  const container = CFB.utils.cfb_new();
  for (const [path, content] of Object.entries(streams)) CFB.utils.cfb_add(container, path, Buffer.from(content));
  return CFB.write(container, { type: 'buffer' }) as Buffer;
};

describe('a compound file', () => {
  it('is read whole, large streams and small ones, at any depth', () => {
    const large = new Uint8Array(70_000).fill(7);
    const root = readCompoundFile(fileOf({ '/small': Uint8Array.of(1, 2, 3), '/a/large': large, '/a/b/empty': new Uint8Array(0) }));
    expect(root.streams.get('small')).toEqual(Uint8Array.of(1, 2, 3));
    expect(root.storages.get('a')?.streams.get('large')).toEqual(large);
    expect(root.storages.get('a')?.storages.get('b')?.streams.get('empty')).toHaveLength(0);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['other bytes', Buffer.from('%PDF-1.7'.padEnd(600))],
    ['a sector size that does not exist', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600, 0x1f)])],
  ])('is refused as %s', (_, bytes) => {
    expect(() => readCompoundFile(bytes)).toThrow(expect.objectContaining({ code: 'msg.unreadable', retry: 'never' }) as Error);
  });

  it('that leads in circles ends', () => {
    const bytes = fileOf({ '/one': new Uint8Array(5000).fill(1), '/two': new Uint8Array(5000).fill(2) });
    // every entry of the allocation table leads to the first sector
    const fat = (bytes.readUInt32LE(76) + 1) * 512;
    for (let at = fat; at < fat + 512; at += 4) bytes.writeUInt32LE(0, at);
    expect(readCompoundFile(bytes).streams.size).toBeLessThanOrEqual(3);
  });
});
