import { serverEvents, type ServerEvent } from '@pstream/api/client';
import { backoffMs, untilAborted, withDeadline } from '@pstream/kernel';
import { CliError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT } from '../cli/exit-codes.js';
import { openEvents } from './client.js';
import { unreachable } from './problem-error.js';

/** Four comments of the gateway are missing: the connection is dead, though nobody has closed it. */
const SILENCE_MS = 65_000;
const RECONNECTS = { firstMs: 250, mostMs: 10_000 };
/** How long a gateway may be away before listening ends. */
const PATIENCE_MS = 60_000;

/** Listens to what changes in a project until the signal, and calls `changed` whenever it should be read (again): at the start, after a change,
 *  and where changes were missed. A connection that breaks is opened again behind the last event. Rejects with the signal's reason, with what
 *  the gateway refuses, and after a minute without an answer. */
export const listen = async (cli: Cli, project: string, changed: () => void, signal: AbortSignal): Promise<never> => {
  const { clock } = cli;
  let lastEventId: string | undefined;
  let awaySinceMs: number | undefined;
  for (let failures = 1; ; failures++) {
    let failure: unknown = unreachable(cli.config.url);
    try {
      for await (const event of connection(cli, { project, lastEventId }, signal)) {
        awaySinceMs = undefined;
        failures = 0;
        if (event.is === 'comment') continue;
        // A stream that goes on behind the last event is ready with nothing missed.
        if (event.name !== 'ready' || lastEventId === undefined) changed();
        lastEventId = event.id;
      }
    } catch (error) {
      if (signal.aborted || (error instanceof CliError && error.exitCode !== EXIT.failed)) throw error;
      failure = error;
    }
    awaySinceMs ??= clock.monotonicMs();
    if (clock.monotonicMs() - awaySinceMs > PATIENCE_MS) throw failure;
    await clock.sleep(backoffMs(RECONNECTS, Math.max(1, failures)), signal);
  }
};

type From = { readonly project: string; readonly lastEventId: string | undefined };

/** The events of one connection, until it ends, breaks or falls silent. */
const connection = async function* (cli: Cli, from: From, signal: AbortSignal): AsyncGenerator<ServerEvent, void, undefined> {
  const ended = new AbortController();
  const ports = { ...cli, signal: AbortSignal.any([signal, ended.signal]) };
  const heard = <T>(work: Promise<T>): Promise<T> =>
    withDeadline(
      cli.clock,
      SILENCE_MS,
      signal,
      () => unreachable(cli.config.url),
      (until) => untilAborted(work, until),
    );
  try {
    const events = serverEvents(await heard(openEvents(cli.config, ports, from)));
    for (let next = await heard(events.next()); next.done !== true; next = await heard(events.next())) yield next.value;
  } finally {
    ended.abort();
  }
};
