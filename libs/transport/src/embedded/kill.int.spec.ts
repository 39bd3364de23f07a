import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { systemClock } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { Collector } from '../transport.fixture.js';
import { embeddedTransport } from './embedded-transport.js';

// The child runs the sources as they are: Node strips the types, the hook finds `.ts` where an import says `.js`.
const program = (dir: string): string => `
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('.') && context.parentURL?.endsWith('.ts') ? next(specifier.replace(/\\.js$/, '.ts'), context) : next(specifier, context),
  });
  const { embeddedTransport } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'embedded-transport.ts')).href)});
  const { systemClock } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../../kernel/src/index.ts')).href)});
  const log = await embeddedTransport({ dir: ${JSON.stringify(dir)}, clock: systemClock, segmentBytes: 20_000 });
  await log.ensureTopics([{ name: 'items', partitions: 2, durability: 'durable' }]);
  for (let n = 0; ; n++) {
    await Promise.all(['a', 'b', 'c'].map((key) => log.send('items', [{ key, value: Buffer.from(key + n) }, { key, value: new Uint8Array(300) }])));
    console.log(n);
  }`;

describe('embedded transport whose process is killed', () => {
  it('has every confirmed record, in order and without a hole', async () => {
    const dir = tempDir();
    const child = spawn(process.execPath, ['--conditions=@pstream/source', '--input-type=module', '-e', program(dir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let confirmed = -1;
    for await (const line of createInterface({ input: child.stdout })) {
      confirmed = Number(line);
      if (confirmed === 150) child.kill('SIGKILL');
    }
    expect(confirmed).toBeGreaterThanOrEqual(150);
    const log = await embeddedTransport({ dir, clock: systemClock });
    const { records } = await log.backlog('items', 'g');
    const seen = new Collector();
    await log.subscribe({ topics: ['items'], group: 'g', handler: seen });
    await seen.until((all) => all.records.length === records);
    await log.close();
    for (const key of ['a', 'b', 'c']) {
      const own = seen.records
        .filter((record) => record.key === key && record.value.length < 300)
        .map(({ value }) => Buffer.from(value).toString());
      expect(own).toEqual(own.map((_, n) => `${key}${n}`));
      expect(own.length).toBeGreaterThan(confirmed);
    }
  });
});
