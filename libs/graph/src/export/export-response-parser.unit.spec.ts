import { createHash } from 'node:crypto';
import { seededRandom } from '@pstream/kernel';
import { ExportResponseParser, type ExportEntry } from './export-response-parser.js';

const read = (text: string | Buffer, itemBytes = 1e9): { entries: readonly ExportEntry[]; nextLink: string | null } => {
  const parser = new ExportResponseParser({ itemBytes });
  const entries = parser.feed(Buffer.from(text));
  return { entries, ...parser.end() };
};
const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error;

describe('export reply parser', () => {
  it('understands the spellings that pages, samples and replies use', () => {
    const { entries } = read(
      '{"value":[{"itemid":"a","ChangeKey":"k","Data":"AQID"},{"ItemId":"b","error":null,"Error":{"Code":"X","Message":"m"}}]}',
    );
    expect(entries).toEqual([
      { itemId: 'a', changeKey: 'k', data: new Uint8Array([1, 2, 3]), error: null },
      { itemId: 'b', changeKey: null, data: null, error: { code: 'X', message: 'm' } },
    ]);
  });

  it('takes an empty stream for a missing one', () => {
    expect(read('{"value":[{"itemId":"a","data":""}]}').entries[0]?.data).toBeNull();
  });

  it('returns the link to more entries', () => {
    expect(read('{"value":[],"@odata.nextLink":"https://x/y"}').nextLink).toBe('https://x/y');
  });

  it('gives every item a buffer of its own, exactly as long as the item', () => {
    const { entries } = read('{"value":[{"itemId":"a","data":"AQID"},{"itemId":"b","data":"BAU="}]}');
    expect(entries.map((one) => one.data?.buffer.byteLength)).toEqual([3, 2]);
  });

  it('puts an item of many segments together again', () => {
    const bytes = Buffer.alloc(7_654_321, seededRandom(3).bytes(9_973));
    const body = Buffer.from(`{"value":[{"itemId":"a","data":"${bytes.toString('base64')}"}]}`);
    const parser = new ExportResponseParser({ itemBytes: 1e9 });
    const entries: ExportEntry[] = [];
    for (let at = 0; at < body.length; at += 65_521) entries.push(...parser.feed(body.subarray(at, at + 65_521)));
    parser.end();
    const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
    expect(sha(entries[0]?.data ?? new Uint8Array())).toBe(sha(bytes));
  });

  it.each([
    ['an array instead of an object', '[]'],
    ['no value', '{}'],
    ['a value that is no array', '{"value":{}}'],
    ['a null value', '{"value":null}'],
    ['two values', '{"value":[],"value":[]}'],
    ['an entry that is no object', '{"value":["a"]}'],
    ['a stream twice', '{"value":[{"itemId":"a","data":"AA==","data":"AA=="}]}'],
    ['a stream that is an object', '{"value":[{"itemId":"a","data":{}}]}'],
    ['an id that is a number', '{"value":[{"itemId":7}]}'],
    ['bytes after the end', '{"value":[]}x'],
    ['two documents', '{"value":[]}{"value":[]}'],
    ['a comma too many', '{"value":[],}'],
    ['a bare word', '{"value":[nope]}'],
    ['a raw line break in a string', '{"a":"\n","value":[]}'],
    ['an unknown escape', '{"value":[{"data":"\\x"}]}'],
    ['nesting without end', `{"a":${'['.repeat(70)}`],
    ['an endless name', `{"${'x'.repeat(70_000)}":1,"value":[]}`],
    ['text that is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22])],
  ])('refuses %s', (_, body) => {
    expect(() => read(body)).toThrow(code('graph.bad-reply'));
  });

  it.each(['A', 'AAA', 'AA=A', 'AA==AAAA', 'AAAA AAAA', 'A\\u00e9AA', '====', 'AA\\nA'])('refuses %p as a stream', (data) => {
    expect(() => read(`{"value":[{"itemId":"a","data":"${data}"}]}`)).toThrow(code('graph.bad-base64'));
  });

  it('stops at an item that is larger than allowed', () => {
    expect(() => read(`{"value":[{"itemId":"a","data":"${'AAAA'.repeat(50)}"}]}`, 100)).toThrow(code('graph.item-too-large'));
  });
});
