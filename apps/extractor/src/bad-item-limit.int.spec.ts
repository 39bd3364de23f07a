import { PassRun } from './pass-run.fixture.js';
import { TroubledSource } from './troubled-source.fixture.js';

const FOLDERS = ['Inbox', 'Sent', 'Notes', 'Tasks'];
const ITEMS = 30;

const runs: PassRun[] = [];
afterAll(async () => {
  for (const run of runs) await run.close();
});
const begin = () => {
  const source = new TroubledSource(FOLDERS, ITEMS);
  const run = new PassRun(source);
  runs.push(run);
  return { source, run };
};
type Events = Awaited<ReturnType<PassRun['pass']>>;
const endOf = (events: Events) => events.flatMap((event) => (event.type === 'ExtractionFinished' ? [event.data] : []))[0];
const causes = (events: Events) => events.flatMap((event) => (event.type === 'FolderNotListed' ? [event.data.cause.code] : []));
const limited = (badItemLimit: number) => ({ options: { badItemLimit } });

describe('a pass with a limit of bad items', () => {
  it('goes on while not more have failed, however many that are', async () => {
    const { source, run } = begin();
    source.broken = (id) => /-[0-4]$/.test(id);
    const events = await run.pass('full', limited(20));
    expect(endOf(events)).toMatchObject({ discovered: 120, failed: 20 });
    expect(causes(events)).toEqual([]);
    expect(endOf(await begin().run.pass('full', limited(0)))).toMatchObject({ discovered: 120, failed: 0 });
  });

  it('lists nothing more once more have failed, exports what is listed, and says why', async () => {
    const { source, run } = begin();
    source.broken = () => true;
    const events = await run.pass('full', limited(5));
    const end = endOf(events);
    expect(end?.failed).toBeGreaterThan(5);
    expect(end?.discovered).toBeLessThan(120);
    expect(end?.discovered).toBe((end?.failed ?? 0) + (end?.skipped ?? 0) + (end?.published ?? 0));
    expect(end?.foldersNotListed).toBeGreaterThan(0);
    expect(new Set(causes(events))).toEqual(new Set(['pass.too-many-errors']));
  });

  it('is brought to its end by Retry Errors, which takes each item once', async () => {
    const { source, run } = begin();
    source.broken = () => true;
    await run.pass('full', limited(5));
    source.broken = () => false;
    expect(endOf(await run.pass('retry-errors', limited(5)))).toMatchObject({ failed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('ends Retry Errors too', async () => {
    const { source, run } = begin();
    source.broken = () => true;
    await run.pass('full', limited(5));
    const events = await run.pass('retry-errors', limited(5));
    expect(new Set(causes(events))).toEqual(new Set(['pass.too-many-errors']));
  });

  it('is one without a limit where none is set', async () => {
    const { source, run } = begin();
    source.broken = () => true;
    expect(endOf(await run.pass('full'))).toMatchObject({ discovered: 120, failed: 120 });
  });
});
