import { clock, every } from '../browser.js';
import { Store } from '../parts/store.js';

/** A document that is different from now on. */
export type Changed = {
  readonly view: string;
  readonly id: string;
  readonly projectId: string | null;
  readonly customerId: string | null;
  readonly gone: boolean;
};
/** What a page hears: what changed since the last time, or that it has to read everything again. */
export type News = { readonly changes: readonly Changed[]; readonly all: boolean };

/** Whether changes arrive, and since when they do not. */
export type Connection = { readonly is: 'live' } | { readonly is: 'connecting' } | { readonly is: 'lost'; readonly sinceMs: number };
export const connection = new Store<Connection>({ is: 'connecting' });

/** The frozen view: nothing is read again while it is on, and what would have been is counted. */
export const pausedView = new Store<{ readonly on: boolean; readonly missed: number }>({ on: false, missed: 0 });

/** How long changes are collected before pages hear of them: one reading for many changes. */
const BATCH_MS = 1_000;
const CHANNEL = 'pstream.live';
type Heard =
  | { readonly kind: 'changed'; readonly change: Changed }
  | { readonly kind: 'reset' }
  | { readonly kind: 'connection'; readonly is: Connection };
/** What tabs send each other: what the stream brings, or the question of a new tab how the connection is. */
type Message = Heard | { readonly kind: 'asked' };

const listeners = new Set<(news: News) => void>();
let changes = new Map<string, Changed>();
let all = false;

/** Hears what changes, in batches; returns how to end that. */
export const onNews = (listener: (news: News) => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

const take = (message: Heard): void => {
  if (message.kind === 'connection') return connection.set(message.is);
  if (message.kind === 'reset') all = true;
  else changes.set(`${message.change.view} ${message.change.id}`, message.change);
  const { on, missed } = pausedView.get();
  if (on) pausedView.set({ on, missed: missed + 1 });
};

const flush = (): void => {
  if (pausedView.get().on || (changes.size === 0 && !all)) return;
  const news = { changes: [...changes.values()], all };
  changes = new Map();
  all = false;
  for (const listener of listeners) listener(news);
};

/** Freezes the view, or shows what came meanwhile. */
export const pauseView = (on: boolean): void => {
  pausedView.set({ on, missed: 0 });
  if (!on) flush();
};

/** Listens for all tabs of this browser: browsers open six connections to a host at the most, and each tab would hold one. The tab that has the
 *  lock listens and passes on; when it is closed, another takes over and has everybody read again, since something may have passed between. */
export const listen = (): (() => void) => {
  const end = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  let leads = false;
  const send = (message: Message): void => channel.postMessage(message);
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (data.kind !== 'asked') take(data);
    else if (leads) send({ kind: 'connection', is: connection.get() });
  });
  const pass = (message: Heard): void => {
    take(message);
    send(message);
  };
  const lead = async (): Promise<void> => {
    leads = true;
    const source = new EventSource('/v1/events');
    source.addEventListener('ready', () => pass({ kind: 'connection', is: { is: 'live' } }));
    source.addEventListener('changed', ({ data }: MessageEvent<string>) => pass({ kind: 'changed', change: JSON.parse(data) as Changed }));
    source.addEventListener('reset', () => {
      pass({ kind: 'reset' });
      pass({ kind: 'connection', is: { is: 'live' } });
    });
    source.addEventListener('error', () => {
      if (connection.get().is !== 'lost') pass({ kind: 'connection', is: { is: 'lost', sinceMs: clock.nowMs() } });
    });
    pass({ kind: 'reset' });
    // A source that was refused never tries again; the next one finds out whether somebody has signed in.
    while (!end.signal.aborted && source.readyState !== EventSource.CLOSED) await clock.sleep(BATCH_MS, end.signal).catch(() => undefined);
    source.close();
  };
  const again = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await lead();
      await clock.sleep(BATCH_MS, end.signal).catch(() => undefined);
    }
  };
  // Locks exist only where the page came over TLS or from this machine.
  if ('locks' in navigator) void navigator.locks.request(CHANNEL, { signal: end.signal }, again).catch(() => undefined);
  else void again();
  send({ kind: 'asked' });
  const stop = every(BATCH_MS, flush);
  return () => {
    stop();
    end.abort(new Error('the page is closed'));
    channel.close();
  };
};
