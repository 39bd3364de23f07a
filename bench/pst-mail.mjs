// Generated mail for the PST benchmarks: seeded, so that every run measures the same bytes.
import { seededRandom } from '@pstream/kernel';
import { MULTIPLE, PT, PROPERTY_SET, utf16 } from '@pstream/mapi';

/** Bytes of all values of an item: what a benchmark counts as its size. */
export const itemBytes = ({ properties, recipients, attachments }) =>
  bagBytes(properties) +
  recipients.reduce((sum, recipient) => sum + bagBytes(recipient.properties), 0) +
  attachments.reduce((sum, attachment) => sum + bagBytes(attachment.properties), 0);

const bagBytes = (properties) =>
  properties.reduce((sum, { value, values }) => sum + value.length + (values ?? []).reduce((inner, one) => inner + one.length, 0), 0);

/** `count` mails of `average` bytes on average, like those of a mailbox: many short ones, and three in ten with attachments, which make most of the
 *  bytes. Each has some seventy properties, a dozen of them named, transport headers, an HTML body and one to six recipients. */
export const mails = (count, seed, average = 75_000) => {
  const { random, below } = chance(seed);
  const plain = Array.from({ length: count }, (_, index) => mail(random, below, index));
  const weights = plain.map((_, index) => (index % 10 < 3 ? Array.from({ length: 1 + below(3) }, () => 0.2 + random.unit()) : []));
  const unit =
    (average * count - plain.reduce((sum, item) => sum + itemBytes(item), 0)) / weights.flat().reduce((sum, weight) => sum + weight, 0);
  return plain.map((item, index) => ({
    ...item,
    attachments: weights[index].map((weight, at) => attachment(random, at, Math.round(weight * unit))),
  }));
};

/** `count` items of 3,000 bytes without attachment: short texts, notifications. */
export const smallItems = (count, seed) => {
  const { random, below } = chance(seed);
  return Array.from({ length: count }, (_, index) => small(random, below, index));
};

const chance = (seed) => {
  const random = seededRandom(seed);
  return { random, below: (limit) => Math.floor(random.unit() * limit) };
};

const WORDS = ['export', 'mailbox', 'folder', 'message', 'Straße', 'archive', 'report', 'quarter', 'café', 'invoice'];

const int32 = (id, value) => ({
  id,
  type: PT.Integer32,
  value: Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24),
});
const text = (id, value) => ({ id, type: PT.String, value: utf16(value) });
const time = (id, index) => {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(132_000_000_000_000_000n + BigInt(index) * 600_000_000n);
  return { id, type: PT.Time, value };
};

const words = (below, count) => Array.from({ length: count }, () => WORDS[below(WORDS.length)]).join(' ');

const person = (random, below, type, index) => ({
  properties: [
    int32(0x0c15, type),
    int32(0x0ffe, 6),
    { id: 0x0fff, type: PT.Binary, value: random.bytes(120) },
    text(0x3001, `Person ${index} ${words(below, 1)}`),
    text(0x3002, 'SMTP'),
    text(0x3003, `person${index}@example.com`),
    int32(0x3900, 0),
    text(0x39fe, `person${index}@example.com`),
    text(0x5ff6, `Person ${index}`),
  ],
});

/** Properties that every message has, in id order as a server gives them. */
const envelope = (random, below, index) => [
  text(0x001a, 'IPM.Note'),
  text(0x0037, `${index}: ${words(below, 6)}`),
  time(0x0039, index),
  { id: 0x003b, type: PT.Binary, value: random.bytes(40) },
  { id: 0x0041, type: PT.Binary, value: random.bytes(120) },
  text(0x0042, `Sender ${below(500)}`),
  text(0x0070, words(below, 6)),
  { id: 0x0071, type: PT.Binary, value: random.bytes(22) },
  { id: 0x0c19, type: PT.Binary, value: random.bytes(120) },
  text(0x0c1a, `Sender ${below(500)}`),
  text(0x0c1f, `sender${below(500)}@example.com`),
  time(0x0e06, index),
  int32(0x0e07, index % 3 === 0 ? 0 : 1),
];

const closing = (random, index) => [time(0x3007, index), time(0x3008, index), { id: 0x300b, type: PT.Binary, value: random.bytes(16) }];

const named = (below) => [
  ...Array.from({ length: 10 }, (_, index) => ({
    ...int32(0x8000 + index, below(1000)),
    name: { set: PROPERTY_SET.common, lid: 0x8500 + index },
  })),
  {
    id: 0x8100,
    type: PT.String | MULTIPLE,
    value: new Uint8Array(0),
    values: [utf16('Orange'), utf16('Travel')],
    name: { set: PROPERTY_SET.publicStrings, name: 'Keywords' },
  },
  { ...text(0x8101, words(below, 2)), name: { set: PROPERTY_SET.internetHeaders, name: 'x-spam-score' } },
];

const mail = (random, below, index) => ({
  properties: [
    ...envelope(random, below, index),
    text(0x007d, words(below, 160 + below(200))),
    { id: 0x1013, type: PT.Binary, value: random.bytes(6000 + below(18_000)) },
    text(0x1035, `<${index}.${below(1e9)}@example.com>`),
    ...closing(random, index),
    ...Array.from({ length: 40 }, (_, at) => {
      const id = 0x4000 + at;
      const kind = at % 5;
      if (kind === 0) return int32(id, below(0x10000));
      if (kind === 1) return { id, type: PT.Boolean, value: Uint8Array.of(below(2)) };
      if (kind === 2) return { id, type: PT.Time, value: random.bytes(8) };
      if (kind === 3) return text(id, words(below, 1 + below(8)));
      return { id, type: PT.Binary, value: random.bytes(20 + below(100)) };
    }),
    ...named(below),
  ],
  recipients: Array.from({ length: 1 + below(6) }, (_, at) => person(random, below, at === 0 ? 1 : 2, below(1000))),
  attachments: [],
  associated: false,
  warnings: [],
});

const attachment = (random, at, bytes) => ({
  properties: [
    int32(0x0e21, at),
    { id: 0x3701, type: PT.Binary, value: random.bytes(bytes) },
    text(0x3703, '.bin'),
    int32(0x3705, 1),
    text(0x3707, `attachment ${at}.bin`),
    int32(0x370b, -1),
    text(0x370e, 'application/octet-stream'),
  ],
});

const small = (random, below, index) => {
  const rest = [
    ...envelope(random, below, index),
    text(0x1035, `<${index}.${below(1e9)}@example.com>`),
    ...closing(random, index),
    ...named(below),
  ];
  const recipients = [person(random, below, 1, below(1000)), person(random, below, 2, below(1000))];
  const item = { properties: rest, recipients, attachments: [], associated: false, warnings: [] };
  const body = text(0x1000, words(below, 200).slice(0, Math.max(0, 3000 - itemBytes(item)) >> 1));
  return { ...item, properties: [...rest, body].toSorted((a, b) => a.id - b.id) };
};
