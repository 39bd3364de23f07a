import type { ExtractionEvent } from '@pstream/contracts';
import type { Fault } from '@pstream/kernel';
import { PassRun } from './pass-run.fixture.js';
import { listingFault, TroubledSource, type ListingCall, type Trouble } from './troubled-source.fixture.js';

const MINUTE_MS = 60_000;
const FOLDERS = ['Inbox', 'Sick', 'Sent', 'Notes'];

type Timed = ExtractionEvent & { readonly ms: number };

const runs: PassRun[] = [];
afterAll(async () => {
  for (const run of runs) await run.close();
});
const begin = (trouble: Trouble, folders = FOLDERS): { readonly source: TroubledSource; readonly run: PassRun } => {
  const source = new TroubledSource(folders);
  source.trouble = trouble;
  const run = new PassRun(source);
  runs.push(run);
  return { source, run };
};

/** How a pass ended. */
const endOf = (events: readonly Timed[]) => {
  const end = events.find(({ type }) => type === 'ExtractionFinished' || type === 'ExtractionFailed')!;
  return {
    end: end.type === 'ExtractionFailed' ? end.data.cause.code : 'finished',
    ms: end.ms,
    foldersNotListed: end.type === 'ExtractionFinished' ? (end.data.foldersNotListed ?? 0) : undefined,
    notListed: events.flatMap((event) =>
      event.type === 'FolderNotListed' ? [`${event.data.what}: ${event.data.cause.code} after ${String(event.data.attempts)}`] : [],
    ),
    lastSliceMs: events.filter(({ type }) => type === 'SliceExported').at(-1)?.ms,
  };
};

/** Whether a call is one for the folder in trouble, on any page or on one. */
const sick = ({ folder }: ListingCall): boolean => folder === 'Sick';
const onOnePage = (call: ListingCall): boolean => sick(call) && call.page === 1;

/** Lasting answers of the fault table that no other form of the question gets round. */
const REFUSALS = [
  'graph.mailbox-forbidden',
  'graph.access-policy',
  'graph.token-refused',
  'graph.directory-forbidden',
  'entra.conditional-access',
  'graph.mailbox-not-online',
  'graph.user-not-found',
  'graph.foreign-url',
];
/** Lasting answers to a delta; the items may be listed without one. */
const NO_DELTA = [
  'graph.quota-exceeded',
  'graph.bad-request',
  'graph.unexpected-reply',
  'graph.paging-loop',
  'graph.no-progress',
  'graph.delta-expired',
];
/** Answers that may pass. */
const PASSING: readonly Fault[] = [
  listingFault('graph.server-error', { afterMs: 15_000 }),
  listingFault('graph.item-corrupt', { afterMs: 15_000 }),
  listingFault('graph.too-much-at-once', { afterMs: 15_000 }),
  listingFault('graph.truncated-reply', 'now'),
  listingFault('graph.bad-reply', 'now'),
  listingFault('graph.reply-too-large', 'now'),
  listingFault('graph.timed-out', { afterMs: 15_000 }),
  listingFault('graph.connection-lost', { afterMs: 15_000 }),
  listingFault('graph.changed-meanwhile', 'now'),
  listingFault('graph.mailbox-busy', { afterMs: MINUTE_MS }),
  listingFault('graph.mailbox-moving', { afterMs: MINUTE_MS }),
  listingFault('graph.throttled', { afterMs: 90_000 }),
  listingFault('graph.redirect-loop', { afterMs: 300_000 }),
  listingFault('graph.too-many-redirects', { afterMs: 300_000 }),
];
const passing = PASSING.map((fault) => [fault.code, fault] as const);

describe('a folder that cannot be listed', () => {
  it.each(REFUSALS)('for %s is named within a minute, and the others are delivered', async (code) => {
    const { source, run } = begin((call) => (sick(call) ? listingFault(code) : undefined));
    const end = endOf(await run.pass());
    expect(end).toMatchObject({ end: 'finished', foldersNotListed: 1, notListed: [`items: ${code} after 2`] });
    expect(end.ms).toBeLessThan(MINUTE_MS);
    expect(source.exported.toSorted()).toEqual(source.allBut('Sick'));
  });

  it.each(REFUSALS)('for %s on one page keeps what was listed before it', async (code) => {
    const { source, run } = begin((call) => (onOnePage(call) ? listingFault(code) : undefined));
    const end = endOf(await run.pass());
    expect(end).toMatchObject({ end: 'finished', foldersNotListed: 1, notListed: [`items: ${code} after 2`] });
    expect(source.exported.toSorted()).toEqual([...source.allBut('Sick'), ...source.itemsOf('Sick').slice(0, 3)].toSorted());
  });

  it.each(NO_DELTA)('by its delta for %s is listed without one', async (code) => {
    for (const where of [sick, onOnePage]) {
      const { source, run } = begin((call) => (where(call) && call.kind === 'delta' ? listingFault(code) : undefined));
      const end = endOf(await run.pass());
      expect(end).toMatchObject({ end: 'finished', foldersNotListed: 0, notListed: [] });
      expect(end.ms).toBeLessThan(MINUTE_MS);
      expect(source.exported.toSorted()).toEqual(source.allBut());
    }
  });

  it.each(NO_DELTA)('in neither way for %s is named within a minute', async (code) => {
    const { source, run } = begin((call) => (sick(call) ? listingFault(code) : undefined));
    const end = endOf(await run.pass());
    expect(end).toMatchObject({ end: 'finished', foldersNotListed: 1, notListed: [`items: ${code} after 2`] });
    expect(end.ms).toBeLessThan(MINUTE_MS);
    expect(source.exported.toSorted()).toEqual(source.allBut('Sick'));
  });

  it.each(passing)('for %s holds up nothing else, and the pass for ten minutes at most', async (code, fault) => {
    for (const where of [sick, onOnePage]) {
      const { source, run } = begin((call) => (where(call) ? fault : undefined));
      const end = endOf(await run.pass());
      expect(end).toMatchObject({
        end: 'finished',
        foldersNotListed: 1,
        notListed: [expect.stringMatching(`^items: ${code} after \\d+$`)],
      });
      expect(end.ms).toBeGreaterThanOrEqual(10 * MINUTE_MS);
      expect(end.ms).toBeLessThan(12 * MINUTE_MS);
      expect(end.lastSliceMs).toBeLessThan(MINUTE_MS);
      expect(source.exported.filter((id) => !id.startsWith('Sick')).toSorted()).toEqual(source.allBut('Sick'));
    }
  });

  it.each(passing)('for %s and then can is listed whole', async (_code, fault) => {
    for (const where of [sick, onOnePage]) {
      const { source, run } = begin((call) => (where(call) && call.before < 2 ? fault : undefined));
      const end = endOf(await run.pass());
      expect(end).toMatchObject({ end: 'finished', foldersNotListed: 0 });
      expect(source.exported.toSorted()).toEqual(source.allBut());
    }
  });

  it('is asked for by one unit, though others take the pass over meanwhile', async () => {
    const { source, run } = begin((call) => {
      if (!sick(call) || call.before >= 4) return undefined;
      run.changeWorker();
      return listingFault('graph.server-error', { afterMs: 1_000 });
    });
    expect(endOf(await run.pass())).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(run.mostAlike).toBe(1);
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('because one item breaks its page is listed without a delta', async () => {
    const { source, run } = begin((call) =>
      onOnePage(call) && call.kind === 'delta' ? listingFault('graph.server-error', { afterMs: 15_000 }) : undefined,
    );
    expect(endOf(await run.pass())).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('to its end, though no call fails, is named', async () => {
    const short = { listed: 7, expected: 9 };
    const { source, run } = begin((call) =>
      sick(call) ? (call.kind === 'delta' ? listingFault('graph.quota-exceeded') : call.page === 2 ? { short } : undefined) : undefined,
    );
    const events = await run.pass();
    expect(endOf(events)).toMatchObject({ end: 'finished', foldersNotListed: 1, notListed: ['items: graph.listing-incomplete after 1'] });
    expect(events.find(({ type }) => type === 'FolderNotListed')).toMatchObject({ data: { cause: { facts: short } } });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('is distinguished from one that is gone', async () => {
    const gone = listingFault('graph.folder-gone');
    const there = begin((call) => (sick(call) && call.kind !== 'folder' ? gone : undefined));
    expect(endOf(await there.run.pass())).toMatchObject({ end: 'finished', notListed: ['items: graph.folder-gone after 2'] });
    const deleted = begin((call) => (sick(call) ? (call.kind === 'folder' ? 'gone' : gone) : undefined));
    expect(endOf(await deleted.run.pass())).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    const again = begin((call) => (sick(call) && call.kind === 'delta' ? gone : undefined));
    expect(endOf(await again.run.pass())).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(again.source.exported.toSorted()).toEqual(again.source.allBut());
  });

  it('is named however many there are, and whichever comes first', async () => {
    for (const well of FOLDERS) {
      const { source, run } = begin(({ folder }) => (folder === well ? undefined : listingFault('graph.mailbox-forbidden')));
      expect(endOf(await run.pass())).toMatchObject({ end: 'finished', foldersNotListed: 3 });
      expect(source.exported.toSorted()).toEqual(source.itemsOf(well));
    }
  });
});

describe('a mailbox of which nothing can be listed', () => {
  it('fails with the cause, as the folders say it', async () => {
    const { run } = begin(() => listingFault('graph.mailbox-forbidden'));
    const end = endOf(await run.pass());
    expect(end).toMatchObject({ end: 'graph.mailbox-forbidden', notListed: [] });
    expect(end.ms).toBeLessThan(MINUTE_MS);
  });

  it('is waited for, for a day, when it may come back', async () => {
    const moving = listingFault('graph.mailbox-moving', { afterMs: MINUTE_MS });
    let isMoving = true;
    const { source, run } = begin(() => (isMoving ? moving : undefined));
    void run.clock.sleep(3 * 60 * MINUTE_MS).then(() => (isMoving = false));
    expect(endOf(await run.pass())).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('in the middle of a pass is not taken for one folder', async () => {
    const { source, run } = begin(() => undefined);
    const down = listingFault('graph.mailbox-busy', { afterMs: MINUTE_MS });
    let isDown = false;
    source.trouble = ({ folder }) => {
      if (folder === 'Sent') isDown = run.clock.monotonicMs() < 90 * MINUTE_MS;
      return isDown ? down : undefined;
    };
    expect(endOf(await run.pass())).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });
});

describe('a listing without progress', () => {
  const counted = (source: TroubledSource): number => source.calls.filter((call) => sick(call)).length;
  const endless: Readonly<Record<string, Trouble>> = {
    'the same page under new links': (call) =>
      sick(call) && call.kind === 'delta'
        ? { items: [], removed: ['x'], next: `delta:${String(call.page * 3 + 3)}`, delta: null }
        : undefined,
    'links in a circle': (call) => (sick(call) && call.kind === 'delta' && call.page === 1 ? { next: 'delta:0', delta: null } : undefined),
    'empty pages for ever': (call) =>
      sick(call) && call.kind === 'delta' ? { items: [], next: `delta:${String(call.page * 3 + 3)}`, delta: null } : undefined,
  };

  it.each(Object.entries(endless))('(%s) ends, is begun again once, and goes on without a delta', async (_name, trouble) => {
    const { source, run } = begin(trouble);
    const events = await run.pass();
    expect(endOf(events)).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
    expect(counted(source)).toBeLessThan(250);
    expect(source.calls.filter((call) => sick(call) && call.kind === 'delta' && call.page === 0).length).toBeGreaterThanOrEqual(2);
    expect(events.filter((event) => event.type === 'PageListed' && event.data.idle === true).length).toBeGreaterThan(1);
  });

  it('that gives new pages for ever, or forgets every other link, ends too', async () => {
    const more = (call: ListingCall) => ({
      items: [],
      removed: [`r${String(call.page)}`],
      next: `delta:${String(call.page * 3 + 3)}`,
      delta: null,
    });
    const forgets = (call: ListingCall) => (call.page === 1 ? { next: 'delta:6', delta: null } : listingFault('graph.delta-expired'));
    for (const trouble of [more, forgets]) {
      const { source, run } = begin((call) =>
        sick(call) && call.kind === 'delta' && (trouble === more || call.page > 0) ? trouble(call) : undefined,
      );
      expect(endOf(await run.pass())).toMatchObject({ end: 'finished' });
      expect(source.exported.filter((id) => !id.startsWith('Sick')).toSorted()).toEqual(source.allBut('Sick'));
      expect(counted(source)).toBeLessThan(4_000);
    }
  });

  it('in either way is named', async () => {
    const { source, run } = begin((call) =>
      sick(call) ? { items: [], next: `${call.kind}:${String(call.page * 3 + 3)}`, delta: null } : undefined,
    );
    expect(endOf(await run.pass())).toMatchObject({ end: 'finished', notListed: ['items: graph.no-progress after 2'] });
    expect(source.exported.toSorted()).toEqual(source.allBut('Sick'));
  });
});

describe('a retry of a folder that could not be listed', () => {
  it('lists it, takes its items for the first time, and leaves nothing missing', async () => {
    const { source, run } = begin((call) => (sick(call) ? listingFault('graph.mailbox-forbidden') : undefined));
    await run.pass();
    source.trouble = () => undefined;
    const events = await run.pass('retry-errors');
    expect(endOf(events)).toMatchObject({ end: 'finished', foldersNotListed: 0, notListed: [] });
    expect(events.at(-1)).toMatchObject({ type: 'ExtractionFinished', data: { discovered: 7, published: 7, firstSeen: 7 } });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('goes on after the items that were taken of it', async () => {
    const { source, run } = begin((call) => (onOnePage(call) ? listingFault('graph.mailbox-forbidden') : undefined));
    await run.pass();
    source.trouble = () => undefined;
    expect((await run.pass('retry-errors')).at(-1)).toMatchObject({ data: { discovered: 4, firstSeen: 4 } });
    expect(source.exported.toSorted()).toEqual(source.allBut());
    // Whatever pass comes next, nothing is taken twice.
    await run.pass();
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('names it again when it still cannot, and may be repeated', async () => {
    const { source, run } = begin((call) => (sick(call) ? listingFault('graph.mailbox-forbidden') : undefined), ['Sick', 'Inbox']);
    await run.pass();
    for (let n = 0; n < 2; n++)
      expect(endOf(await run.pass('retry-errors'))).toMatchObject({
        end: 'finished',
        foldersNotListed: 1,
        notListed: [expect.any(String)],
      });
    source.trouble = () => undefined;
    expect(endOf(await run.pass('retry-errors'))).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('takes what the pass before it would have taken', async () => {
    const { source, run } = begin((call) => (sick(call) ? listingFault('graph.mailbox-forbidden') : undefined));
    const options = { itemTypes: ['contacts' as const] };
    await run.pass('full', { options });
    source.trouble = () => undefined;
    expect((await run.pass('retry-errors')).at(-1)).toMatchObject({ data: { discovered: 0 } });
  });

  it('finds the subfolders that were not found before', async () => {
    const { source, run } = begin(() => undefined, ['Inbox']);
    source.missing.push({ subfoldersOf: 'Inbox', fault: listingFault('graph.mailbox-forbidden'), attempts: 1 });
    expect(endOf(await run.pass())).toMatchObject({ foldersNotListed: 1, notListed: ['subfolders: graph.mailbox-forbidden after 1'] });
    expect(endOf(await run.pass('retry-errors'))).toMatchObject({ end: 'finished', foldersNotListed: 1 });
    source.missing.pop();
    source.folders.push('Below');
    expect(endOf(await run.pass('retry-errors'))).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
    expect(endOf(await run.pass('full'))).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });

  it('names the root where that could not be listed to its end', async () => {
    const { source, run } = begin(() => undefined, ['Inbox']);
    source.missing.push({ subfoldersOf: null, fault: listingFault('graph.no-progress'), attempts: 1 });
    const events = await run.pass();
    expect(endOf(events)).toMatchObject({ end: 'finished', foldersNotListed: 1 });
    source.missing.pop();
    source.folders.push('Late');
    expect(endOf(await run.pass('retry-errors'))).toMatchObject({ end: 'finished', foldersNotListed: 0 });
    expect(source.exported.toSorted()).toEqual(source.allBut());
  });
});
