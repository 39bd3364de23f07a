import type { Operation, OperationRow } from '../schemas/operations.js';
import { allPages } from './all-pages.js';
import type { ApiClient } from './client.js';

/** Seconds that the gateway holds one answer back. */
export const WAIT_SECONDS = 20;
/** How often an operation that has finished is asked for until the lists show what it did. */
const SHOWN_TRIES = 3;

/** Waits for the end of an operation, and then a while for the lists to show what it did; that they are late is no failure. `waits` is called
 *  with the operation as it is whenever it is not over yet; the waiting ends with what it throws. */
export const atItsEnd = async (
  client: Pick<ApiClient, 'getOperation'>,
  requested: Operation,
  waits: (operation: Operation) => Promise<void> = () => Promise.resolve(),
): Promise<Operation> => {
  let operation = requested;
  for (let tries = 0; ; ) {
    if (operation.state === 'failed') return operation;
    if (operation.state === 'finished' && (operation.shown || ++tries === SHOWN_TRIES)) return operation;
    await waits(operation);
    operation = await client.getOperation({ params: { operationId: requested.operationId }, waitSeconds: WAIT_SECONDS });
  }
};

/** The rows of an operation with one outcome. */
export const rowsOf = async (
  client: Pick<ApiClient, 'listOperationRows'>,
  { operationId }: Pick<Operation, 'operationId'>,
  outcome: OperationRow['outcome'],
): Promise<readonly OperationRow[]> =>
  (await allPages((query) => client.listOperationRows({ params: { operationId }, query: { ...query, outcome } }))).items;
