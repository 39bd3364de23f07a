import { ID, MULTIPLE, PT, utf16, utf16Text, type MapiItem, type Property } from '@pstream/mapi';
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

describe('an item as it is built', () => {
  const cut = item(text(ID.MessageClass, 'IPM.Note'), text(ID.DisplayTo, 'Bo'), flags(0x11));

  it('is the one that came, where nothing is doubted', () => expect(asBuilt(cut, {})).toBe(cut));

  it('has its doubts with it, and what the PST computes as it came', () => {
    const built = asBuilt(cut, { doubts: ['doubt.attachments-expected', 'doubt.recipients-expected'] });
    expect(built.properties.slice(0, 3)).toEqual(cut.properties);
    expect(namesOf(built)).toEqual(['pstream.source.DisplayTo', 'pstream.source.MessageFlags', 'pstream.doubts']);
    const [to, was, codes] = built.properties.slice(3);
    expect(utf16Text(to!.value)).toBe('Bo');
    expect(was).toMatchObject({ type: PT.Integer32, value: Uint8Array.of(0x11, 0, 0, 0) });
    expect(codes!.type).toBe(PT.String | MULTIPLE);
    expect(codes!.values?.map(utf16Text)).toEqual(['doubt.attachments-expected', 'doubt.recipients-expected']);
  });

  it('has the evidence of messages within it with them', () => {
    const outer = { ...item(text(ID.MessageClass, 'IPM.Note')), attachments: [{ properties: [], embedded: cut }] };
    const built = asBuilt(outer, { doubts: ['doubt.attachments-expected'] });
    expect(namesOf(built)).toEqual(['pstream.doubts']);
    expect(namesOf(built.attachments[0]!.embedded!)).toEqual(['pstream.source.DisplayTo', 'pstream.source.MessageFlags']);
  });
});
