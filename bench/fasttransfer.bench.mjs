// How fast one core turns export streams into items. Items are like mail: 75 KB on average, some eighty properties, recipients, an attachment.
import { performance } from 'node:perf_hooks';
import { decodeExportStream, encodeExportStream } from '@pstream/fasttransfer';
import { seededRandom } from '@pstream/kernel';
import { MULTIPLE, PT, PROPERTY_SET, utf16 } from '@pstream/mapi';

export const name = 'fasttransfer';

/** Ratio of the measured MB/s to BASELINE; 1 holds. */
export const target = 1;

/** MB/s: far above what a mailbox can be downloaded with, so that parsing is never what a worker waits for. */
const BASELINE = 150;

const SEED = 1;
const ITEMS = 64;
const ITEM_BYTES = 75_000;
const ROUNDS = 7;
const ROUND_BYTES = 100e6;

/** Decodes generated items; returns MB/s (median of the rounds) and its ratio to the baseline. */
export const run = async ({ log }) => {
  const random = seededRandom(SEED);
  const files = Array.from({ length: ITEMS }, (_, index) => encodeExportStream(mail(random, ITEM_BYTES * (0.5 + index / (ITEMS - 1)))));
  const bytes = files.reduce((sum, file) => sum + file.length, 0);
  log?.(`${ITEMS} items of ${Math.round(bytes / ITEMS / 1000)} KB on average, ${ROUNDS} rounds, seed ${SEED}`);
  const passes = Math.ceil(ROUND_BYTES / bytes);
  const round = () => {
    const start = performance.now();
    let properties = 0;
    for (let pass = 0; pass < passes; pass++) for (const file of files) properties += decodeExportStream(file).properties.length;
    if (properties === 0) throw new Error('nothing was decoded');
    return (passes * bytes) / 1000 / (performance.now() - start);
  };
  round(); // warms the compiler up
  const rates = Array.from({ length: ROUNDS }, round).toSorted((a, b) => a - b);
  const value = rates[ROUNDS >> 1];
  log?.(`decode: median ${value.toFixed(0)} MB/s, rounds from ${rates[0].toFixed(0)} to ${rates.at(-1).toFixed(0)}`);
  return { value, unit: 'MB/s', baseline: BASELINE, ratio: value / BASELINE };
};

/** A mail of about `size` bytes: body and attachment share what the other properties leave. */
const mail = (random, size) => {
  const below = (limit) => Math.floor(random.unit() * limit);
  const words = (count) => utf16(Array.from({ length: count }, () => WORDS[below(WORDS.length)]).join(' '));
  const int32 = (id, value) => ({ id, type: PT.Integer32, value: Uint8Array.of(value & 0xff, value >> 8, 0, 0) });
  const properties = [{ id: 0x001a, type: PT.String, value: utf16('IPM.Note') }, int32(0x0e07, 1)];
  for (let index = 0; index < 60; index++) {
    const id = 0x3000 + index;
    const kind = index % 5;
    if (kind === 0) properties.push(int32(id, below(0x10000)));
    else if (kind === 1) properties.push({ id, type: PT.Boolean, value: Uint8Array.of(below(2)) });
    else if (kind === 2) properties.push({ id, type: PT.Time, value: random.bytes(8) });
    else if (kind === 3) properties.push({ id, type: PT.String, value: words(1 + below(12)) });
    else properties.push({ id, type: PT.Binary, value: random.bytes(20 + below(120)) });
  }
  const left = size - 4500;
  properties.push({ id: 0x1013, type: PT.Binary, value: random.bytes(left / 2) });
  for (let index = 0; index < 15; index++) {
    properties.push({ ...int32(0x8000 + index, index), name: { set: PROPERTY_SET.common, lid: 0x8500 + index } });
  }
  const keywords = { set: PROPERTY_SET.publicStrings, name: 'Keywords' };
  properties.push({ id: 0x8100, type: PT.String | MULTIPLE, value: new Uint8Array(0), values: [words(1), words(1)], name: keywords });
  const recipients = Array.from({ length: 1 + below(6) }, (_, index) => ({
    properties: [
      int32(0x0c15, 1),
      { id: 0x3001, type: PT.String, value: words(2) },
      { id: 0x39fe, type: PT.String, value: utf16(`person${index}@example.com`) },
      { id: 0x0fff, type: PT.Binary, value: random.bytes(120) },
    ],
  }));
  const file = [int32(0x0e21, 0), int32(0x3705, 1), { id: 0x3707, type: PT.String, value: words(2) }];
  const attachments = [{ properties: [...file, { id: 0x3701, type: PT.Binary, value: random.bytes(left / 2) }] }];
  return { properties, recipients, attachments, associated: false, warnings: [] };
};

const WORDS = ['export', 'mailbox', 'folder', 'message', 'Straße', 'archive', 'report', 'quarter', 'café', 'invoice'];
