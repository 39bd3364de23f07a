import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { Collector } from '../transport.fixture.js';
import { openIn } from './embedded.fixture.js';

const source = (path: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);

// The child runs the sources as they are: Node strips the types, the hook finds `.ts` where an import says `.js`.
const program = (dir: string): string => `
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('.') && context.parentURL?.endsWith('.ts') ? next(specifier.replace(/\\.js$/, '.ts'), context) : next(specifier, context),
  });
  const { embeddedTransport } = await import(${source('embedded-transport.ts')});
  const { threadStorage } = await import(${source('../../../storage/src/index.ts')});
  const { systemClock } = await import(${source('../../../kernel/src/index.ts')});
  const log = await embeddedTransport({ storage: threadStorage(), path: ${JSON.stringify(join(dir, 'log.sqlite'))}, clock: systemClock });
  await log.ensureTopics([{ name: 'items', partitions: 2, durability: 'durable' }]);
  for (let n = 0; ; n++) {
    await Promise.all(['a', 'b', 'c'].map((key) => log.send('items', [{ key, value: Buffer.from(key + n) }, { key, value: new Uint8Array(300) }])));
    console.log(n);
  }`;

describe('embedded transport whose process is killed', () => {
  it.each([3, 150])('has every confirmed record, in order and without a hole, after round %i', async (round) => {
    const dir = tempDir();
    const child = spawn(process.execPath, ['--conditions=@pstream/source', '--input-type=module', '-e', program(dir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let confirmed = -1;
    for await (const line of createInterface({ input: child.stdout })) {
      confirmed = Number(line);
      if (confirmed === round) child.kill('SIGKILL');
    }
    expect(confirmed).toBeGreaterThanOrEqual(round);
    const log = await openIn(dir);
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
