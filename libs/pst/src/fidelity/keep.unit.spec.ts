import {
  ID,
  MULTIPLE,
  PROPERTY_SET,
  PT,
  filetimeOf,
  isoOfFiletime,
  makeTag,
  utf16,
  utf16Text,
  type MapiItem,
  type Property,
} from '@pstream/mapi';

import { DROPPED_PROPERTIES, SCOPE, droppedBecause } from './dropped-properties.js';
import { int32, itemDigest, keepItem } from './keep.js';
import { OVERSIZE_BYTES } from './values.js';

const item = (properties: readonly Property[], parts: Partial<MapiItem> = {}): MapiItem => ({
  properties,
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
  ...parts,
});
const text = (id: number, value: string): Property => ({ id, type: PT.String, value: utf16(value) });
const textOf = (of: MapiItem, id: number): string | undefined => {
  const value = keepItem(of).kept.bag.valueOf(makeTag(id, PT.String));
  return value === undefined ? undefined : utf16Text(value);
};

describe('the table of dropped properties', () => {
  it('names each id of a scope once', () => {
    for (const scope of Object.values(SCOPE)) {
      const ids = DROPPED_PROPERTIES.filter(({ scopes }) => (scopes & scope) !== 0).flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, i) => from + i),
      );
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('drops what a server numbers its objects with, in every scope', () => {
    for (const scope of Object.values(SCOPE)) expect(droppedBecause(0x674a, scope)).toBe('server');
  });

  it('keeps the entry id of a recipient and drops that of an item', () => {
    expect(droppedBecause(ID.EntryId, SCOPE.recipient)).toBeUndefined();
    expect(droppedBecause(ID.EntryId, SCOPE.message)).toBe('provider');
  });
});

describe('what is kept of an item', () => {
  it('includes ids that nobody knows', () => {
    const { kept, tally } = keepItem(item([{ id: 0x5abc, type: PT.Integer32, value: int32(7) }]));
    expect(kept.bag.valueOf(makeTag(0x5abc, PT.Integer32))).toEqual(int32(7));
    expect(tally.dropped).toEqual({});
  });

  it('says by reason what is left out', () => {
    const { tally } = keepItem(
      item([
        { id: ID.EntryId, type: PT.Binary, value: int32(1) },
        { id: ID.ChangeKey, type: PT.Binary, value: int32(1) },
        { id: 0x5001, type: PT.ServerId, value: int32(1) },
        { id: 0x5002, type: PT.ErrorCode, value: int32(1) },
        { id: 0x5003, type: PT.Object, value: int32(1) },
        { id: 0x5004, type: PT.Time, value: int32(1) },
        { id: 0x8004, type: PT.Integer32, value: int32(1) },
        { id: 0x8005, type: PT.Integer32, value: int32(1), name: { set: PROPERTY_SET.common, name: '' } },
      ]),
    );
    expect(tally.dropped).toEqual({ provider: 1, server: 1, type: 3, malformed: 1, unnamed: 1, name: 1 });
  });

  it('has room for values below 2 GiB - 1 only, and says so', () => {
    const value = new Uint8Array(OVERSIZE_BYTES);
    const attachments = [
      {
        properties: [
          { id: ID.AttachMethod, type: PT.Integer32, value: int32(1) },
          { id: ID.AttachData, type: PT.Binary, value },
        ],
      },
    ];
    const { kept, tally } = keepItem(item([], { attachments }));
    expect(tally.oversize).toEqual([{ id: ID.AttachData, bytes: OVERSIZE_BYTES }]);
    expect(kept.attachments[0]?.bag.valueOf(makeTag(ID.AttachData, PT.Binary))?.length).toBe(0);
  });

  it('takes a name of PS_MAPI below 0x8000 as the plain property', () => {
    const named = { id: 0x8001, type: PT.Integer32, value: int32(3), name: { set: PROPERTY_SET.mapi, lid: 0x5abc } };
    const { kept } = keepItem(item([named]));
    expect(kept.bag.valueOf(makeTag(0x5abc, PT.Integer32))).toEqual(int32(3));
    expect(kept.bag.names).toEqual([]);
  });

  it('keeps the last of two properties with one id, whatever the order of ids', () => {
    const { kept } = keepItem(
      item([text(0x5002, 'first'), { id: 0x5001, type: PT.Integer32, value: int32(1) }, text(0x5002, 'second'), text(0x5000, 'zero')]),
    );
    expect(utf16Text(kept.bag.valueOf(makeTag(0x5002, PT.String)) ?? new Uint8Array(0))).toBe('second');
    expect(kept.bag.tags).toEqual(kept.bag.tags.toSorted((a, b) => a - b));
  });

  it('strips trailing NULs of text and keeps inner ones and lone surrogates', () => {
    expect(textOf(item([text(0x5000, 'a\0b\0\0')]), 0x5000)).toBe('a\0b');
    expect(textOf(item([text(0x5000, 'a\ud800')]), 0x5000)).toBe('a\ud800');
  });

  it('turns 8-bit text into Unicode', () => {
    const narrow = { id: 0x5000, type: PT.String8, value: Uint8Array.of(0x80, 0x41, 0) };
    expect(textOf(item([narrow]), 0x5000)).toBe('€A');
  });

  it('joins the names of recipients by type', () => {
    const person = (type: number, name: string) => ({
      properties: [{ id: ID.RecipientType, type: PT.Integer32, value: int32(type) }, text(ID.DisplayName, name)],
    });
    const sent = item([text(ID.DisplayTo, 'stale')], {
      recipients: [person(1, 'Ann'), person(2, 'Bob'), person(1, ''), person(0x1000_0001, 'Cid'), person(3, 'Dee')],
    });
    expect([ID.DisplayTo, ID.DisplayCc, ID.DisplayBcc].map((id) => textOf(sent, id))).toEqual(['Ann; ; Cid', 'Bob', 'Dee']);
  });

  it('takes a recipient of a kind that does not exist as one of To', () => {
    const odd = { properties: [{ id: ID.RecipientType, type: PT.Integer32, value: int32(0x1000_0007) }, text(ID.DisplayName, 'Ann')] };
    const sent = item([], { recipients: [odd] });
    expect(textOf(sent, ID.DisplayTo)).toBe('Ann');
    expect(keepItem(sent).tally.dropped).toEqual({ malformed: 1 });
  });

  it('joins names that are empty', () => {
    const nobody = { properties: [{ id: ID.DisplayName, type: PT.String, value: new Uint8Array(0) }] };
    expect(textOf(item([], { recipients: [nobody, nobody, nobody] }), ID.DisplayTo)).toBe('; ; ');
  });

  it('gives an item without properties what a store demands', () => {
    const { bag } = keepItem(item([])).kept;
    expect(textOf(item([]), ID.MessageClass)).toBe('IPM.Note');
    for (const tag of [
      makeTag(ID.CreationTime, PT.Time),
      makeTag(ID.LastModificationTime, PT.Time),
      makeTag(ID.MessageFlags, PT.Integer32),
    ]) {
      expect(bag.valueOf(tag)).toBeDefined();
    }
    expect(bag.valueOf(makeTag(ID.SearchKey, PT.Binary))?.length).toBe(20);
  });

  it('has no times that stand for none, and no property for them', () => {
    const at = (id: number, iso: string): Property => ({ id, type: PT.Time, value: filetimeOf(iso) });
    const { kept, tally } = keepItem(
      item([
        at(ID.CreationTime, '0001-01-01T00:00:00Z'),
        at(ID.MessageDeliveryTime, '2026-01-01T00:00:00Z'),
        at(0x0039, '9999-12-31T23:59:59Z'),
      ]),
    );
    expect(isoOfFiletime(kept.bag.valueOf(makeTag(ID.CreationTime, PT.Time))!)).toBe('2026-01-01T00:00:00.000Z');
    expect(kept.bag.valueOf(makeTag(0x0039, PT.Time))).toBeUndefined();
    expect(tally.dropped).toEqual({ malformed: 2 });
  });

  it('counts the times that it gave an item without any as no loss when it meets them again', () => {
    const { bag } = keepItem(item([])).kept;
    const value = bag.valueOf(makeTag(ID.CreationTime, PT.Time))!;
    const { kept, tally } = keepItem(
      item([ID.CreationTime, ID.LastModificationTime].map((id): Property => ({ id, type: PT.Time, value }))),
    );
    expect(tally.dropped).toEqual({ computed: 2 });
    expect(kept.bag.valueOf(makeTag(ID.CreationTime, PT.Time))).toEqual(value);
  });

  it('gives a message without times those of the message around it', () => {
    const around = item([{ id: ID.CreationTime, type: PT.Time, value: filetimeOf('2026-01-01T00:00:00Z') }], {
      attachments: [{ properties: [], embedded: item([]) }],
    });
    const { bag } = keepItem(around).kept.attachments[0]!.embedded!;
    expect(isoOfFiletime(bag.valueOf(makeTag(ID.LastModificationTime, PT.Time))!)).toBe('2026-01-01T00:00:00.000Z');
  });

  it('gives an item with an empty class the class of a message', () =>
    expect(textOf(item([text(ID.MessageClass, '')]), ID.MessageClass)).toBe('IPM.Note'));

  it('trusts the structure of an attachment over the method it states', () => {
    const stated = (method: number): Property => ({ id: ID.AttachMethod, type: PT.Integer32, value: int32(method) });
    const method = (attachment: MapiItem['attachments'][number]): number | undefined =>
      keepItem(item([], { attachments: [attachment] })).kept.attachments[0]?.bag.valueOf(makeTag(ID.AttachMethod, PT.Integer32))?.[0];
    expect(method({ properties: [stated(1)], embedded: item([]) })).toBe(5);
    expect(method({ properties: [stated(5), { id: ID.AttachData, type: PT.Binary, value: int32(1) }] })).toBe(1);
    expect(method({ properties: [stated(5)] })).toBe(0);
    expect(method({ properties: [{ id: ID.AttachData, type: PT.Object, value: int32(1) }] })).toBe(6);
    expect(method({ properties: [stated(7)] })).toBe(7);
  });
});

describe('the digest of an item', () => {
  const base = [text(0x5000, 'a'), text(0x5001, 'b')];

  it('does not depend on the order of properties or on dropped ones', () => {
    const other = [text(0x5001, 'b'), { id: 0x674a, type: PT.Integer64, value: new Uint8Array(8) }, text(0x5000, 'a')];
    expect(itemDigest(item(other))).toEqual(itemDigest(item(base)));
  });

  it('depends on values, types, names, order of recipients, attachments and embedded messages', () => {
    const recipients = ['x', 'y'].map((name) => ({ properties: [text(ID.DisplayName, name)] }));
    const long = new Uint8Array(20_000);
    const changed = long.with(19_999, 1);
    const digests = [
      item(base),
      item([text(0x5000, 'a'), text(0x5001, 'c')]),
      item([text(0x5000, 'a'), { id: 0x5001, type: PT.Binary, value: utf16('b') }]),
      item([...base, { ...text(0x8000, 'n'), name: { set: PROPERTY_SET.common, lid: 0x8501 } }]),
      item([...base, { ...text(0x8000, 'n'), name: { set: PROPERTY_SET.common, name: 'n' } }]),
      item(base, { recipients }),
      item(base, { recipients: recipients.toReversed() }),
      item(base, { attachments: [{ properties: [] }] }),
      item(base, { attachments: [{ properties: [], embedded: item(base) }] }),
      item([...base, { id: 0x5002, type: PT.Binary, value: long }]),
      item([...base, { id: 0x5002, type: PT.Binary, value: changed }]),
      item([...base, { id: 0x5002, type: PT.Integer32 | MULTIPLE, value: new Uint8Array(8) }]),
    ].map((one) => Buffer.from(itemDigest(one)).toString('hex'));
    expect(new Set(digests).size).toBe(digests.length);
  });
});
