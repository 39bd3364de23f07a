import type { LoggerService } from '@nestjs/common';
import { isFault, type Clock, type Facts, type ThreadWatch } from '@pstream/kernel';
import type { Failed } from './tokens.js';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Writes what happened as facts: ids, counts, codes. Never mail content, addresses or secrets. */
export interface Log {
  write(level: Level, event: string, facts?: Facts): void;
}

const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log of JSON lines, one per event, on the stream given. */
export const jsonLog = (out: { write(line: string): unknown }, clock: Clock, least: Level = 'info'): Log => ({
  write: (level, event, facts = {}) => {
    if (RANK[level] >= RANK[least]) out.write(`${JSON.stringify({ at: clock.now(), level, event, ...facts })}\n`);
  },
});

/** What a log may say of an error: a Fault's code and facts; of anything else its name and where it was thrown. */
export const errorFacts = (error: unknown): Facts => {
  if (isFault(error)) return { code: error.code, ...error.facts };
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { error: error.name, stack: frames.slice(0, 8).map((line) => line.trim()) };
};

/** Logs threads that are lost; one that cannot start ends the process. */
export const threadWatch = (log: Log, failed: Failed): ThreadWatch => ({
  lost: (fault) => log.write('error', 'thread.lost', errorFacts(fault)),
  failed,
});

/** Nest's own messages on our log: warnings and errors only. */
export const nestLogger = (log: Log): LoggerService => ({
  log: () => undefined,
  warn: (message: unknown, ...rest: unknown[]) => log.write('warn', 'nest', { message: textOf(message), context: textOf(rest.at(-1)) }),
  error: (message: unknown, ...rest: unknown[]) => log.write('error', 'nest', { message: textOf(message), context: textOf(rest.at(-1)) }),
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : value instanceof Error ? value.message : '');
