// Verifies a part with our own reader and prints the verdict and what it took as one line of JSON. Usage: node verify-part.mjs FILE
import { fileSource } from '@pstream/pst/reader';
import { verifyPst } from '@pstream/pst/verify';

const source = await fileSource(process.argv[2]);
const started = performance.now();
const { ok, items, problems } = await verifyPst(source);
await source.close();
const peakRssBytes = 1024 * process.resourceUsage().maxRSS;
process.stdout.write(
  `${JSON.stringify({ ok, items, problems: problems.slice(0, 5), seconds: (performance.now() - started) / 1000, peakRssBytes })}\n`,
);
process.exit(ok ? 0 : 1);
