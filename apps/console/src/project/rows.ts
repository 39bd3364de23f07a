import { client } from '../api/client.js';
import { onNews, type News } from '../api/live.js';
import { clock } from '../browser.js';
import { Store } from '../parts/store.js';
import type { Row } from './views.js';

/** The mailboxes of a project as far as they were read. */
export type Rows = {
  readonly rows: readonly Row[];
  /** How many there are; undefined until the first page has come. */
  readonly total: number | undefined;
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: unknown;
  readonly updatedAtMs: number;
};

const PAGE = 1_000;
/** Beyond this the browser would hold more than anybody looks through; the page says so. */
export const MOST_ROWS = 25_000;
/** Up to so many changed mailboxes are read one by one, more of them with all the others. */
const MOST_SINGLE = 20;
/** Reading everything may take this share of the time. */
const REST_FACTOR = 4;
const LEAST_REST_MS = 3_000;
const AGAIN_AFTER_MS = 5_000;

/** Reads all mailboxes of a project and keeps them as they change. */
export class MailboxRows {
  readonly store = new Store<Rows>({ rows: [], total: undefined, state: 'loading', error: undefined, updatedAtMs: 0 });
  readonly #projectId: string;
  readonly #closed = new AbortController();
  #stale = new Set<string>();
  #allStale = false;
  #restUntilMs = 0;
  #working = false;

  constructor(projectId: string) {
    this.#projectId = projectId;
  }

  /** Begins to read and to follow; returns how to end that. */
  open(): () => void {
    const end = onNews((news) => this.#hear(news));
    this.again();
    return () => {
      end();
      this.#closed.abort(new Error('the table is closed'));
    };
  }

  /** Reads everything again. */
  again(): void {
    this.#allStale = true;
    void this.#work();
  }

  #hear({ changes, all }: News): void {
    this.#allStale ||= all;
    for (const { view, id, projectId } of changes) {
      if (view === 'mailboxes' && projectId === this.#projectId) this.#stale.add(id);
      // A pause changes what every row that waits says, and no row.
      if (view === 'plans' && (projectId === null || projectId === this.#projectId)) this.#allStale = true;
    }
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (!this.#closed.signal.aborted && (this.#allStale || this.#stale.size > 0)) {
        const single = !this.#allStale && this.#stale.size <= MOST_SINGLE && this.store.get().state === 'ready';
        if (single) await this.#readSome();
        else await this.#readAll();
      }
    } catch (error) {
      if (!this.#closed.signal.aborted) void this.#later(error);
    } finally {
      this.#working = false;
    }
  }

  /** What was shown stays, and everything is read again once the gateway answers. */
  async #later(error: unknown): Promise<void> {
    this.store.set({ ...this.store.get(), state: 'failed', error });
    this.#allStale = true;
    await clock.sleep(AGAIN_AFTER_MS, this.#closed.signal).catch(() => undefined);
    if (!this.#closed.signal.aborted && this.#allStale) void this.#work();
  }

  async #readSome(): Promise<void> {
    const ids = [...this.#stale];
    this.#stale = new Set();
    const read = await Promise.all(ids.map(async (mailboxJobId) => [mailboxJobId, await this.#readOne(mailboxJobId)] as const));
    const fresh = new Map(read);
    const old = this.store.get().rows;
    const known = new Set(old.map(({ mailboxJobId }) => mailboxJobId));
    const kept = old.flatMap((row) => (fresh.has(row.mailboxJobId) ? (fresh.get(row.mailboxJobId) ?? []) : row));
    const rows = [...kept, ...read.flatMap(([id, row]) => (known.has(id) ? [] : (row ?? [])))];
    this.#show({ rows, total: (this.store.get().total ?? old.length) + rows.length - old.length, state: 'ready' });
  }

  /** Undefined where the mailbox is gone, or belongs to another project now. */
  async #readOne(mailboxJobId: string): Promise<Row | undefined> {
    try {
      const row = await client.getMailbox({ params: { mailboxJobId } });
      return row.projectId === this.#projectId ? row : undefined;
    } catch (error) {
      if (error instanceof Error && 'status' in error && error.status === 404) return undefined;
      throw error;
    }
  }

  async #readAll(): Promise<void> {
    const rest = this.#restUntilMs - clock.nowMs();
    if (rest > 0) await clock.sleep(rest, this.#closed.signal);
    this.#allStale = false;
    this.#stale = new Set();
    const begun = clock.nowMs();
    const first = this.store.get().total === undefined;
    const rows: Row[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await client.listMailboxes({
        params: { projectId: this.#projectId },
        query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
      });
      if (this.#closed.signal.aborted) return;
      rows.push(...page.items);
      const more = page.next !== null && rows.length < MOST_ROWS;
      // The first pages are shown as they come; later readings replace what is there when they are whole.
      if (first || !more) this.#show({ rows: [...rows], total: page.total, state: more ? 'loading' : 'ready' });
      if (!more || page.next === null) break;
      cursor = page.next;
    }
    this.#restUntilMs = clock.nowMs() + Math.max(LEAST_REST_MS, REST_FACTOR * (clock.nowMs() - begun));
  }

  #show(read: Pick<Rows, 'rows' | 'total' | 'state'>): void {
    this.store.set({ ...read, error: undefined, updatedAtMs: clock.nowMs() });
  }
}
