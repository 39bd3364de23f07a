import { memoryBlobStore } from '@pstream/blob';
import {
  extractionStream,
  ITEMS_TOPIC,
  mailboxJobStream,
  WORK_TOPIC,
  type ExtractionEvent,
  type MailboxJobEvent,
  type WorkUnit,
} from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { Fault, untilAborted, type Facts } from '@pstream/kernel';
import { FakeClock, passSettings, waitFor } from '@pstream/testing';
import type { OutgoingRecord, Transport } from '@pstream/transport';
import { ExtractionLog } from './extraction-log.js';
import { FakeMailbox } from './fake-mailbox.fixture.js';
import { UnitHandler } from './handle-unit.js';
import { Histories } from './histories.js';
import { checkedSource } from './source/source.js';
import { Waits } from './waits.js';
import type { Worker } from './worker.js';

const HOUR_MS = 3_600_000;
const refs = {
  workgroupId: 'w',
  customerId: '01JQ0000000000000000000003',
  projectId: '01JQ0000000000000000000002',
  mailboxJobId: '01JQ0000000000000000000000',
  passId: '01JQ0000000000000000000001',
};
const plan: WorkUnit = { kind: 'plan', ...refs };
const busy = new Fault('graph.unavailable', { retry: { afterMs: 30_000 }, advice: 'Wait.' });

/** A Full pass over a mailbox with two folders, and one handler of its units. */
class UnitScene {
  readonly clock = new FakeClock();
  readonly sent: { readonly topic: string; readonly record: OutgoingRecord }[] = [];
  readonly defects: unknown[] = [];
  readonly lines: Facts[] = [];
  readonly lent: number[] = [];
  readonly waits = new Waits();
  readonly forgotten: string[] = [];
  /** What a call to the tenant waits for. */
  before: () => Promise<void> = () => Promise.resolve();
  /** Thrown by the tenant instead of an answer, while it is set. */
  fault: unknown;
  /** Called instead of an answer, which then never comes, while it is set. */
  hang: (() => void) | undefined;
  readonly #store = memoryEventStore();
  #handler = new UnitHandler(this.#worker());
  #commits = 0;

  async begin(): Promise<void> {
    const at = this.clock.now();
    await this.record({ type: 'PassStarted', data: { ...refs, number: 1, kind: 'full', settings: passSettings, at } });
    await this.record({ type: 'PassBegun', data: { ...refs, at } });
  }

  async record(event: MailboxJobEvent): Promise<void> {
    const stream = mailboxJobStream(refs.mailboxJobId);
    await this.#store.append({
      context: 'projects',
      stream,
      expectedVersion: (await this.#store.read(stream)).length,
      events: [event],
      at: this.clock.now(),
      metadata: { commandId: `test-${this.#commits++}`, by: 'test' },
    });
  }

  handle(unit: WorkUnit, signal = new AbortController().signal): Promise<void> {
    return this.#handler.handle(unit, signal, { lend: (ms) => void this.lent.push(ms) });
  }

  /** Units that were put on the work topic, as `kind` or `kind folder`. */
  get units(): string[] {
    return this.sent
      .filter(({ topic }) => topic === WORK_TOPIC)
      .map(({ record }) => JSON.parse(new TextDecoder().decode(record.value)) as WorkUnit)
      .map((unit) => ('folderKey' in unit ? `${unit.kind} ${unit.page}` : unit.kind));
  }

  /** Kinds of the markers on the items topic. */
  get markers(): string[] {
    return this.sent
      .filter(({ topic }) => topic === ITEMS_TOPIC)
      .map(({ record }) => (JSON.parse(record.headers?.['ps-meta'] ?? '{}') as { kind: string }).kind);
  }

  async events(): Promise<{ readonly type: string; readonly data: unknown }[]> {
    return (await this.#store.read(extractionStream(refs.passId))).map(({ type, data }) => ({ type, data }));
  }

  /** Keys of the folders that were found. */
  async folderKeys(): Promise<readonly string[]> {
    const found = (await this.events()).filter(({ type }) => type === 'FoldersDiscovered');
    return (found[0]!.data as { readonly folders: readonly { readonly key: string }[] }).folders.map(({ key }) => key);
  }

  async types(): Promise<string[]> {
    return (await this.events()).map(({ type }) => type);
  }

  /** Puts a fact on the stream of the extraction. */
  async extracted(event: ExtractionEvent): Promise<void> {
    const stream = extractionStream(refs.passId);
    await this.#store.append({
      context: 'extraction',
      stream,
      expectedVersion: (await this.#store.read(stream)).length,
      events: [event],
      at: this.clock.now(),
      metadata: { commandId: `test-${this.#commits++}`, by: 'test' },
    });
    this.#handler = new UnitHandler(this.#worker());
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #worker(): Worker {
    const transport: Pick<Transport, 'send'> = {
      send: (topic, records) => {
        this.sent.push(...records.map((record) => ({ topic, record })));
        return Promise.resolve();
      },
    };
    // The units here list folders and pages; what exports is covered with the slices.
    return {
      store: this.#store,
      transport: transport as Transport,
      work: memoryBlobStore(),
      log: new ExtractionLog(this.#store, this.clock),
      histories: new Histories(this.#store),
      clock: this.clock,
      limits: {
        pageItems: 10,
        sliceItems: 10,
        sliceBytes: 1_000_000,
        mostItemBytes: 1_000_000,
        batchesAtOnce: 1,
        claimFromBytes: 1_000_000,
        backlogBytes: 1_000_000,
        backlogRecords: 1_000,
      },
      client: async () => {
        await this.before();
        if (this.fault !== undefined) throw this.fault;
        const client = new FakeMailbox(['Inbox', 'Sent']).client();
        const { hang } = this;
        if (hang === undefined) return checkedSource(client);
        const findUser = (_user: string, signal?: AbortSignal): Promise<never> => {
          hang();
          return untilAborted(Promise.withResolvers<never>().promise, signal!);
        };
        return checkedSource({ ...client, findUser });
      },
      refused: ({ refs: { passId } }) => void this.forgotten.push(passId),
      waits: this.waits,
      held: (facts) => void this.lines.push(facts),
      defect: (error) => void this.defects.push(error),
    };
  }
}

describe('the handler of work units', () => {
  const scenes: UnitScene[] = [];
  const begin = async (): Promise<UnitScene> => {
    const scene = new UnitScene();
    scenes.push(scene);
    await scene.begin();
    return scene;
  };
  afterAll(async () => {
    for (const scene of scenes) await scene.close();
  });

  it('records what a unit found and puts what follows on the topic', async () => {
    const scene = await begin();
    await scene.handle(plan);
    expect(await scene.types()).toEqual(['ExtractionStarted', 'FoldersDiscovered']);
    expect(scene.units).toEqual(['page 0', 'page 0']);
  });

  it('does a repeated unit once, and does not multiply those that follow it', async () => {
    const scene = await begin();
    await scene.handle(plan);
    const before = [await scene.types(), scene.units];
    await scene.handle(plan);
    expect([await scene.types(), scene.units]).toEqual(before);
  });

  it('puts everything that is still open on the topic again after a resume', async () => {
    const scene = await begin();
    await scene.handle(plan);
    await scene.handle({ kind: 'continue', ...refs, attempt: 1 });
    expect(scene.units).toEqual(['page 0', 'page 0', 'page 0', 'page 0']);
    expect(scene.markers).toEqual(['begin']);
  });

  it('sends the end of the pass again whenever it is asked to finish', async () => {
    const scene = await begin();
    await scene.handle(plan);
    for (const folderKey of await scene.folderKeys()) await scene.handle({ kind: 'page', ...refs, folderKey, page: 0 });
    await scene.handle({ kind: 'finish', ...refs });
    await scene.handle({ kind: 'finish', ...refs });
    expect(scene.markers).toEqual(['end', 'end']);
    expect((await scene.types()).filter((type) => type === 'ExtractionFinished')).toHaveLength(1);
  });

  it('does nothing for a pass that nobody knows, or that has ended', async () => {
    const scene = await begin();
    await scene.handle({ ...plan, passId: '01JQ0000000000000000000009' });
    await scene.record({
      type: 'PassFailed',
      data: { ...refs, kind: 'full', cause: { code: 'graph.user-not-found' }, at: scene.clock.now() },
    });
    await scene.handle(plan);
    expect([await scene.types(), scene.sent]).toEqual([[], []]);
  });

  it('drops the units of a pass that is being stopped, but for the one that says so', async () => {
    const scene = await begin();
    await scene.record({ type: 'PassStopRequested', data: { ...refs, attempt: 1, at: scene.clock.now() } });
    await scene.handle(plan);
    expect(await scene.types()).toEqual([]);
    await scene.handle({ kind: 'pause', ...refs, attempt: 1 });
    expect(await scene.types()).toEqual(['ExtractionPaused']);
    expect(scene.markers).toEqual(['pause']);
  });

  it('gives up the unit at work when the pass is stopped or goes on, and does that first', async () => {
    const scene = await begin();
    let asked = false;
    scene.hang = () => (asked = true);
    const working = scene.handle(plan);
    await waitFor(() => asked);
    await scene.record({ type: 'PassStopRequested', data: { ...refs, attempt: 1, at: scene.clock.now() } });
    await scene.handle({ kind: 'pause', ...refs, attempt: 1 });
    await working;
    expect(await scene.types()).toEqual(['ExtractionPaused']);
  });

  it('sends the end of a pass that has nothing left to extract again when it goes on', async () => {
    const scene = await begin();
    await scene.handle(plan);
    await scene.extracted({
      type: 'ExtractionFinished',
      data: { ...refs, discovered: 3, published: 2, skipped: 1, failed: 0, bytes: 9, at: scene.clock.now() },
    });
    await scene.handle({ kind: 'continue', ...refs, attempt: 1 });
    expect(scene.markers).toEqual(['begin', 'end']);
  });

  it('ends the pass with its cause at a lasting fault, once', async () => {
    const scene = await begin();
    scene.fault = new Fault('graph.user-not-found', { retry: 'never', facts: { status: 404 }, advice: 'Check the address.' });
    await scene.handle(plan);
    await scene.handle(plan);
    expect(await scene.events()).toMatchObject([
      {
        type: 'ExtractionFailed',
        data: { attempt: 1, cause: { code: 'graph.user-not-found', facts: { status: 404 }, advice: 'Check the address.' } },
      },
    ]);
    expect(scene.defects).toEqual([]);
  });

  it('has the sign-in forgotten when the tenant refuses it', async () => {
    const scene = await begin();
    scene.fault = new Fault('entra.secret-expired', { retry: 'never' });
    await scene.handle(plan);
    expect(scene.forgotten).toEqual([refs.passId]);
  });

  it('leaves a passing fault to the consumer, and records at most once a minute what the pass waits for', async () => {
    const scene = await begin();
    scene.fault = busy;
    for (const waitMs of [0, 30_000, 29_000, 2_000]) {
      await scene.clock.advance(waitMs);
      await expect(scene.handle(plan)).rejects.toBe(busy);
    }
    expect(await scene.events()).toMatchObject([
      { type: 'ExtractionWaited', data: { held: { code: 'graph.unavailable', advice: 'Wait.', retryAt: '2026-01-01T00:00:30.000Z' } } },
      { type: 'ExtractionWaited', data: { held: { code: 'graph.unavailable' } } },
    ]);
    scene.fault = undefined;
    await scene.handle(plan);
    expect((await scene.types()).slice(-2)).toEqual(['ExtractionStarted', 'FoldersDiscovered']);
  });

  it('records a wait for a limit when it begins and when it is over, while the unit is still at work', async () => {
    const scene = await begin();
    await scene.handle(plan);
    const release = Promise.withResolvers<void>();
    scene.before = () => {
      const [at, until] = [0, 30_000].map((ms) => new Date(Date.parse(scene.clock.now()) + ms).toISOString()) as [string, string];
      // Short ones are only counted, and others concern other passes.
      scene.waits.add({ mailbox: 'MBX:1@2', limit: 'requests', waitMs: 1_000, at, until: at, requestId: null });
      scene.waits.add({ mailbox: 'MBX:9@9', limit: 'requests', waitMs: 30_000, at, until, requestId: null });
      scene.waits.add({ mailbox: 'MBX:1@2', limit: 'MailboxConcurrency', waitMs: 30_000, at, until, requestId: null });
      return release.promise;
    };
    const page: WorkUnit = { kind: 'page', ...refs, folderKey: (await scene.folderKeys())[0]!, page: 0 };
    const handling = scene.handle(page);
    const waited = async (): Promise<readonly unknown[]> =>
      (await scene.events()).filter(({ type }) => type === 'ExtractionWaited').map(({ data }) => data);
    await waitFor(waited, { until: (found) => found.length === 1 });
    expect(await waited()).toMatchObject([
      {
        waits: { MailboxConcurrency: { times: 1, ms: 30_000 }, requests: { times: 1, ms: 1_000 } },
        held: { code: 'graph.throttled', limit: 'MailboxConcurrency', retryAt: '2026-01-01T00:00:30.000Z' },
        at: '2026-01-01T00:00:00.000Z',
      },
    ]);
    expect(scene.lent).toEqual([30_000]);
    await scene.clock.advance(30_000);
    await waitFor(waited, { until: (found) => found.length === 2 });
    expect((await waited()).at(-1)).toMatchObject({ waits: {}, held: null, at: '2026-01-01T00:00:30.000Z' });
    release.resolve();
    await handling;
    expect((await scene.types()).at(-1)).toBe('PageListed');
    expect(scene.waits.take(['MBX:9@9'])).toEqual({ requests: { times: 1, ms: 30_000 } });
  });

  it('leaves no wait behind that its unit did not last for', async () => {
    const scene = await begin();
    await scene.handle(plan);
    scene.before = async () => {
      const at = scene.clock.now();
      scene.waits.add({ mailbox: 'MBX:1@2', limit: 'requests', waitMs: 9e5, at, until: '2026-01-01T00:15:00.000Z', requestId: null });
    };
    await scene.handle({ kind: 'page', ...refs, folderKey: (await scene.folderKeys())[0]!, page: 0 });
    const waited = (await scene.events()).filter(({ type }) => type === 'ExtractionWaited');
    expect(waited.map(({ data }) => data)).toMatchObject([{ held: { limit: 'requests' } }, { held: null }]);
  });

  it('ends the pass when a passing fault has lasted a day', async () => {
    const scene = await begin();
    scene.fault = busy;
    await expect(scene.handle(plan)).rejects.toBe(busy);
    await scene.clock.advance(24 * HOUR_MS - 1);
    await expect(scene.handle(plan)).rejects.toBe(busy);
    await scene.clock.advance(1);
    await scene.handle(plan);
    expect((await scene.types()).at(-1)).toBe('ExtractionFailed');
  });

  it('ends the pass when redirects have led nowhere for nine minutes', async () => {
    const scene = await begin();
    scene.fault = new Fault('graph.redirect-loop', { retry: { afterMs: 1_000 } });
    await expect(scene.handle(plan)).rejects.toBe(scene.fault);
    await scene.clock.advance(9 * 60_000);
    await scene.handle(plan);
    expect((await scene.events()).at(-1)).toMatchObject({ type: 'ExtractionFailed', data: { cause: { code: 'graph.redirect-loop' } } });
  });

  it('ends the pass at a fault of our own, reports it, and goes on with others', async () => {
    const scene = await begin();
    const bug = new TypeError('undefined is not a function');
    scene.fault = bug;
    await scene.handle(plan);
    expect(scene.defects).toEqual([bug]);
    expect(await scene.events()).toMatchObject([{ type: 'ExtractionFailed', data: { cause: { code: 'extractor.defect' } } }]);
  });

  it('records nothing when the worker itself is closing', async () => {
    const scene = await begin();
    const closing = new AbortController();
    scene.fault = new Fault('graph.user-not-found', { retry: 'never' });
    closing.abort();
    await expect(scene.handle(plan, closing.signal)).rejects.toBe(scene.fault);
    expect(await scene.types()).toEqual([]);
  });
});
