import { memoryBlobStore } from '@pstream/blob';
import {
  extractionStream,
  itemTypeOf,
  TRIAL,
  type ManifestItem,
  type PassControl,
  type PassKind,
  type PassSettings,
  type ProjectOptions,
  type WorkUnit,
} from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { deriveId } from '@pstream/kernel';
import { FakeClock, passSettings } from '@pstream/testing';
import fc from 'fast-check';
import { outstanding } from './domain/extraction/units.js';
import { ExtractionLog } from './extraction-log.js';
import { FakeMailbox } from './fake-mailbox.fixture.js';
import { Histories } from './histories.js';
import { readManifest } from './manifests.js';
import { itemKey, type PageMemory } from './units/fetch-page.js';
import { ListingMemory } from './units/listing-memory.js';
import { listPage } from './units/page.js';
import { PagesAhead } from './units/pages-ahead.js';
import { planExport } from './units/plan.js';
import { SeenItems } from './units/seen-items.js';
import type { Task, Worker } from './worker.js';

const FIRST_DAY = Date.parse('2025-01-01T00:00:00.000Z');
const day = (n: number): string => new Date(FIRST_DAY + n * 86_400_000).toISOString();

type Step =
  | { readonly do: 'arrive'; readonly folder: number; readonly type: string; readonly size: number; readonly day: number }
  | { readonly do: 'change'; readonly nth: number }
  | { readonly do: 'forget' }
  | {
      readonly do: 'pass';
      readonly kind: PassKind;
      readonly before: number;
      readonly options?: ProjectOptions;
      readonly crashes: readonly boolean[];
    };

const arrive = fc.record({
  do: fc.constant('arrive' as const),
  folder: fc.nat(2),
  type: fc.constantFrom('IPM.Note', 'IPM.Note', 'IPM.Appointment', 'IPM.Contact'),
  size: fc.constantFrom(1_000, 200_000, 4_000_000),
  day: fc.nat(100),
});
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: arrive },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('change' as const), nth: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('pass' as const),
        kind: fc.constantFrom<PassKind>('pre-stage', 'full'),
        before: fc.nat(100),
        options: fc.constantFrom<ProjectOptions>(
          {},
          {},
          { itemTypes: ['email', 'contacts'] },
          { itemsFrom: '2025-02-01' },
          { itemsBefore: '2025-03-01' },
          { folderFilter: ['^Sent$'] },
          { folderMapping: ['^Sent$->Elsewhere'] },
        ),
        crashes: fc.array(fc.boolean(), { maxLength: 6 }),
      }),
    },
  ),
  { minLength: 1, maxLength: 40 },
);

const newMemory = (): PageMemory => ({ seen: new SeenItems(), ahead: new PagesAhead(), listing: new ListingMemory() });

/** Passes over a mailbox, with their real planning and listing. `taken` holds the items of each pass. */
class Passes {
  readonly taken: { readonly pass: Extract<Step, { do: 'pass' }>; readonly items: readonly ManifestItem[] }[] = [];
  readonly #earlier: { passId: string; kind: PassKind; settings: PassSettings }[] = [];
  readonly #store = memoryEventStore();
  readonly #work = memoryBlobStore();

  constructor(private readonly mailbox: FakeMailbox) {}

  async run(pass: Extract<Step, { do: 'pass' }>): Promise<void> {
    const passId = deriveId('pass', this.#earlier.length);
    const frozen: PassSettings = {
      ...passSettings,
      options: pass.options ?? {},
      ...(pass.kind === 'pre-stage' ? { before: day(pass.before) } : {}),
    };
    const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId };
    const control: PassControl = {
      refs,
      kind: pass.kind,
      settings: frozen,
      number: this.#earlier.length + 1,
      startedAt: day(0),
      attempt: 1,
      admitted: true,
      state: 'open',
      earlier: [...this.#earlier],
      replaced: [],
    };
    let worker = this.#worker();
    let memory = newMemory();
    const crashes = [...pass.crashes];
    for (;;) {
      const state = await worker.log.state(passId);
      const [unit] = outstanding(state, refs);
      if (unit === undefined || unit.kind === 'finish') break;
      const task = { worker, unit, control, state, signal: new AbortController().signal };
      if (unit.kind === 'plan') await planExport(task as unknown as Task<'plan'>);
      else if (unit.kind === 'page') await listPage(task as unknown as Task<'page'>, memory);
      else if (unit.kind === 'slice') await this.#exported(worker, unit, control);
      // A worker that is replaced knows nothing but what is stored.
      if (crashes.shift() === true) [worker, memory] = [this.#worker(), newMemory()];
    }
    this.taken.push({ pass, items: await this.#items(worker, passId) });
    this.#earlier.push({ passId, kind: pass.kind, settings: frozen });
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  #worker(): Worker {
    const clock = new FakeClock();
    const client = this.mailbox.client();
    return {
      store: this.#store,
      work: this.#work,
      log: new ExtractionLog(this.#store, clock),
      histories: new Histories(this.#store),
      clock,
      limits: { pageItems: 3, sliceItems: 2, sliceBytes: 1_000_000, mostItemBytes: 1_000_000, batchesAtOnce: 3 },
      client: () => Promise.resolve(client),
    } as unknown as Worker;
  }

  async #exported(worker: Worker, unit: Extract<WorkUnit, { kind: 'slice' }>, { refs }: PassControl): Promise<void> {
    const { folderKey, page, from } = unit;
    const data = { ...refs, folderKey, page, from, items: 1, bytes: 1, skipped: 0, failed: 0, at: day(0) };
    await worker.log.append(
      refs.passId,
      deriveId('slice', refs.passId, folderKey, page, from),
      [{ type: 'SliceExported', data }],
      () => true,
    );
  }

  async #items(worker: Worker, passId: string): Promise<ManifestItem[]> {
    const found: ManifestItem[] = [];
    for (const event of await this.#store.read(extractionStream(passId))) {
      if (event.type !== 'PageListed' || event.data.manifest === null) continue;
      found.push(...(await readManifest(worker.work, event.data.manifest)).items);
    }
    return found;
  }
}

const keysOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => itemKey('MBX:1@2', id)).sort();

/** Takes the steps, and a Full pass without options at the end. */
const take = async (all: readonly Step[], check: (passes: Passes, mailbox: FakeMailbox) => void): Promise<void> => {
  const mailbox = new FakeMailbox(['Inbox', 'Sent', 'Calendar']);
  const passes = new Passes(mailbox);
  for (const step of [...all, { do: 'pass' as const, kind: 'full' as const, before: 0, crashes: [] }]) {
    if (step.do === 'arrive') mailbox.arrive(step.folder, { type: step.type, size: step.size, createdDateTime: day(step.day) });
    else if (step.do === 'change') mailbox.change(step.nth);
    else if (step.do === 'forget') mailbox.forgetCursors();
    else await passes.run(step);
  }
  check(passes, mailbox);
  await passes.close();
};

describe('any sequence of passes over a mailbox that lives on', () => {
  it('takes every item exactly once, whatever crashes, is filtered for a while, or is forgotten by the tenant', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arrive, { maxLength: 15 }), fc.boolean(), steps, (arrivals, withTrial, rest) => {
        const trial: Step[] = withTrial ? [{ do: 'pass', kind: 'trial', before: 0, crashes: [true, false, true] }] : [];
        return take([...arrivals, ...trial, ...rest], (passes, mailbox) => {
          expect(keysOf(passes.taken.flatMap(({ items }) => items))).toEqual(keysOf(mailbox.items));
        });
      }),
      { numRuns: 100 },
    );
  });

  it('keeps to what each kind of pass is for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arrive, { maxLength: 30 }), fc.nat(100), (arrivals, before) =>
        take(
          [...arrivals, { do: 'pass', kind: 'trial', before: 0, crashes: [] }, { do: 'pass', kind: 'pre-stage', before, crashes: [] }],
          (passes, mailbox) => {
            const byKey = new Map(mailbox.items.map((item) => [itemKey('MBX:1@2', item.id), item]));
            const [trial, preStage] = passes.taken.map(({ items }) => items.map(({ key }) => byKey.get(key)!));
            expect(trial!.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(TRIAL.bytes);
            for (const [, items] of Map.groupBy(trial!, ({ folderId }) => folderId))
              expect(items.length).toBeLessThanOrEqual(TRIAL.itemsPerFolder);
            for (const { type, createdDateTime } of preStage!) {
              expect(itemTypeOf(type!)).toBe('email');
              expect(createdDateTime! < day(before)).toBe(true);
            }
          },
        ),
      ),
      { numRuns: 40 },
    );
  });
});
