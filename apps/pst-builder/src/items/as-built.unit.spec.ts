import { filetimeOf, ID, isoOfFiletime, MULTIPLE, PT, utf16, utf16Text, type MapiItem, type Property } from '@pstream/mapi';
import { asBuilt } from './as-built.js';

const flags = (value: number): Property => ({ id: ID.MessageFlags, type: PT.Integer32, value: Uint8Array.of(value, 0, 0, 0) });
const text = (id: number, value: string): Property => ({ id, type: PT.String, value: utf16(value) });
const item = (...properties: readonly Property[]): MapiItem => ({
  properties,
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
});
const namesOf = ({ properties }: MapiItem): (string | undefined)[] =>
  properties.flatMap(({ name }) => (name === undefined ? [] : [name.name]));

const LISTED = { itemType: 'IPM.Post', itemDate: '2025-01-01T00:00:00Z', itemChanged: '2025-02-01T00:00:00Z' };
const time = (id: number, iso: string): Property => ({ id, type: PT.Time, value: filetimeOf(iso) });
const valueOf = ({ properties }: MapiItem, id: number): Uint8Array | undefined =>
  properties.findLast((one) => one.id === id && one.name === undefined)?.value;

describe('an item as it is built', () => {
  const cut = item(text(ID.MessageClass, 'IPM.Note'), text(ID.DisplayTo, 'Bo'), flags(0x11), time(ID.CreationTime, '2024-01-01T00:00:00Z'));

  it('is the one that came, where nothing is doubted', () => expect(asBuilt(cut, LISTED)).toBe(cut));

  it('has its doubts with it, and what the PST computes as it came', () => {
    const built = asBuilt(cut, { ...LISTED, doubts: ['doubt.attachments-expected', 'doubt.recipients-expected'] });
    expect(built.properties.slice(0, 4)).toEqual(cut.properties);
    expect(namesOf(built)).toEqual(['pstream.source.DisplayTo', 'pstream.source.MessageFlags', 'pstream.doubts']);
    const [to, was, codes] = built.properties.slice(4);
    expect(utf16Text(to!.value)).toBe('Bo');
    expect(was).toMatchObject({ type: PT.Integer32, value: Uint8Array.of(0x11, 0, 0, 0) });
    expect(codes!.type).toBe(PT.String | MULTIPLE);
    expect(codes!.values?.map(utf16Text)).toEqual(['doubt.attachments-expected', 'doubt.recipients-expected']);
  });

  it('has the evidence of messages within it with them', () => {
    const outer = { ...item(text(ID.MessageClass, 'IPM.Note')), attachments: [{ properties: [], embedded: cut }] };
    const built = asBuilt(outer, { ...LISTED, doubts: ['doubt.attachments-expected'] });
    expect(namesOf(built)).toEqual(['pstream.doubts']);
    expect(namesOf(built.attachments[0]!.embedded!)).toEqual(['pstream.source.DisplayTo', 'pstream.source.MessageFlags']);
  });

  it('without a class has that of the listing, and its own beside it', () => {
    const built = asBuilt(item(text(ID.MessageClass, ' '), flags(1)), { ...LISTED, doubts: ['doubt.message-class-missing'] });
    expect(utf16Text(valueOf(built, ID.MessageClass)!)).toBe('IPM.Post');
    expect(namesOf(built)).toContain('pstream.source.MessageClass');
  });

  it('without times has those of the listing, unless they stand for none', () => {
    const doubts = ['doubt.times-missing'];
    const timeless = item(text(ID.MessageClass, 'IPM.Contact'), time(ID.CreationTime, '0001-01-01T00:00:00Z'));
    const built = asBuilt(timeless, { ...LISTED, doubts });
    const times = [ID.CreationTime, ID.LastModificationTime].map((id) => isoOfFiletime(valueOf(built, id)!));
    expect(times).toEqual(['2025-01-01T00:00:00.000Z', '2025-02-01T00:00:00.000Z']);
    const unknown = asBuilt(timeless, {
      itemType: 'IPM.Contact',
      itemDate: '0001-01-01T00:00:00Z',
      itemChanged: '2025-02-01T00:00:00Z',
      doubts,
    });
    expect(valueOf(unknown, ID.LastModificationTime)).toEqual(filetimeOf('2025-02-01T00:00:00Z'));
    expect(asBuilt(cut, { ...LISTED, doubts }).properties.filter(({ type }) => type === PT.Time)).toHaveLength(1);
  });
});
