// Writes many items to a null target in a process of its own, and tells every now and then how much memory that takes: node pst-load.mjs mail|small COUNT.
import { mails, smallItems } from './pst-mail.mjs';
import { nullWriter } from './pst-tools.mjs';

const POOL = 200;
const SEED = 3;
/** How often memory is reported. */
const MARKS = 20;

const [kind, total] = [process.argv[2], Number(process.argv[3])];
const items = kind === 'mail' ? mails(POOL, SEED) : smallItems(POOL, SEED);
// mail in a hundred folders, like a mailbox; small items in one, like a log that nobody reads
const folders = kind === 'mail' ? 100 : 1;
const writer = nullWriter(folders);
const tell = (count) =>
  process.send({ items: count, rss: process.memoryUsage.rss(), heap: process.memoryUsage().heapUsed, bytes: writer.size });
tell(0);
for (let count = 1; count <= total; count++) {
  await writer.addItem(`${count % folders}`, items[count % POOL]);
  if (count % Math.ceil(total / MARKS) === 0) tell(count);
}
const { bytes } = await writer.seal();
// kilobytes, whatever the system's own unit is
process.send({ items: total, peak: process.resourceUsage().maxRSS * 1024, bytes });
process.disconnect();
