import { ID, isoOfFiletime, PT } from '@pstream/mapi';
import { bufferSource, HEAD_BYTES, openPst, storeHead } from './index.js';
import { smallStore, type SmallStore } from './stores.fixture.js';

describe('the head of a store', () => {
  let store: SmallStore;
  beforeAll(async () => {
    store = await smallStore('permute');
  });
  const head = (change: (bytes: Uint8Array) => void = () => undefined): Uint8Array => {
    const bytes = store.bytes.slice(0, HEAD_BYTES);
    change(bytes);
    return bytes;
  };

  it('tells kind, form, encoding, length, and whether it was closed', () => {
    expect(storeHead(head())).toEqual({ kind: 'pst', form: 'unicode', encoding: 'permute', bytes: store.bytes.length, closed: true });
    expect(storeHead(head((bytes) => bytes.fill(0, 248, 249)))).toMatchObject({ closed: false });
    expect(storeHead(head((bytes) => bytes.set(Buffer.from('SO'), 8)))).toMatchObject({ kind: 'ost' });
  });
  it('is none of other files and of address books', () => {
    expect(storeHead(new Uint8Array())).toBeUndefined();
    expect(storeHead(Buffer.from('PK\u0003\u0004'.padEnd(HEAD_BYTES)))).toBeUndefined();
    expect(storeHead(head((bytes) => bytes.set(Buffer.from('AB'), 8)))).toBeUndefined();
  });
  it('says what is wrong with it', () => {
    expect(storeHead(head().subarray(0, 100))).toEqual({ damaged: 'pst.truncated' });
    expect(storeHead(head((bytes) => bytes.fill(99, 10, 12)))).toEqual({ damaged: 'pst.unsupported-version' });
    expect(storeHead(head((bytes) => bytes.fill(0, 8, 10)))).toEqual({ damaged: 'pst.unexpected-value' });
  });

  it('is followed by items that give some of their properties', async () => {
    const file = await openPst(bufferSource(store.bytes), { mode: 'strict' });
    for await (const folder of file.folders())
      for await (const item of file.items(folder)) {
        const whole = await item.item();
        const some = await item.some(new Set([ID.Subject, ID.EmailAddress]));
        expect(some.properties).toEqual(whole.properties.filter(({ id }) => id === ID.Subject));
        expect(some.recipients).toEqual(
          whole.recipients.map(({ properties }) => ({ properties: properties.filter(({ id }) => id === ID.EmailAddress) })),
        );
        const time = whole.properties.find(({ id, type }) => id === ID.MessageDeliveryTime && type === PT.Time);
        expect(item.deliveredAt && isoOfFiletime(item.deliveredAt)).toBe(time && isoOfFiletime(time.value));
      }
    expect.hasAssertions();
  });
});
