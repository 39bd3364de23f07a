// Writes one part of at most so many bytes as an export does, to a file, and prints what it took as one line of JSON.
// Usage: node write-part.mjs FILE BYTES
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { HEADER_EXTENT_BYTES, PstWriter } from '@pstream/pst/writer';
import { FOLDERS, folderOf, itemOf } from './mails.mjs';

const [path, limitText] = process.argv.slice(2);
const limit = Number(limitText);
const file = await open(path, 'w');
let end = HEADER_EXTENT_BYTES;
const target = {
  async stage(index, bytes) {
    await file.write(bytes, 0, bytes.length, index === 0 ? 0 : end);
    if (index > 0) end += bytes.length;
  },
};
const started = performance.now();
const writer = PstWriter.create(target, {
  recordKey: createHash('sha256').update(`soak ${limit}`).digest().subarray(0, 16),
  displayName: 'Soak',
  createdAt: '2024-01-01T00:00:00Z',
  encoding: 'permute',
});
for (const folder of FOLDERS) writer.ensureFolder(folder);
for (let number = 0; ; number++) {
  const item = itemOf(number);
  if (writer.boundAfter(item) > limit) break;
  await writer.addItem(folderOf(number), item);
}
const { bytes, items, folders } = await writer.seal();
await file.close();
const peakRssBytes = 1024 * process.resourceUsage().maxRSS;
process.stdout.write(`${JSON.stringify({ bytes, items, folders, seconds: (performance.now() - started) / 1000, peakRssBytes })}\n`);
