import type { Operation } from '@pstream/api';
import { atItsEnd } from '@pstream/api/client';
import type { Cli } from '../cli/cli.js';
import { count } from '../output/format.js';
import type { Client } from './client.js';
import { problemError } from './problem-error.js';

/** How long an operation may stand still until that is said. */
const STANDSTILL_MS = 60_000;

/** Waits for the end of an operation. One that fails is reported like any other refusal; interrupted, it goes on without us. A server that cannot write down what
 *  it does waits, and nobody can say for how long: where nothing moves for a minute, standard error says so once. */
export const carriedOut = async (
  { clock, stderr }: Pick<Cli, 'clock' | 'stderr'>,
  client: Pick<Client, 'getOperation'>,
  requested: Operation,
): Promise<Operation> => {
  let { done } = requested;
  let movedMs = clock.monotonicMs();
  let isSaid = false;
  const operation = await atItsEnd(client, requested, (now) => {
    if (now.done !== done) [done, movedMs, isSaid] = [now.done, clock.monotonicMs(), false];
    if (!isSaid && now.state !== 'finished' && clock.monotonicMs() - movedMs >= STANDSTILL_MS) {
      isSaid = true;
      stderr.write(standstill(now));
    }
    return Promise.resolve();
  });
  if (operation.cause === null) return operation;
  throw problemError(409, { status: 409, ...operation.cause });
};

const standstill = ({ operationId, done, total }: Operation): string =>
  `Nothing has moved for a minute: ${total === null ? count(done) : `${count(done)} of ${count(total)}`} done. The server goes on by itself as soon as it can; a full disk or an unreachable message log is the usual reason, and the log of the server names it. Ctrl+C ends the waiting alone. Look again with: pstream operation show ${operationId}\n`;
