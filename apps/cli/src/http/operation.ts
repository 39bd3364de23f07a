import type { Operation } from '@pstream/api';
import { atItsEnd } from '@pstream/api/client';
import type { Client } from './client.js';
import { problemError } from './problem-error.js';

/** Waits for the end of an operation. One that fails is told like any other refusal; interrupted, it goes on without us. */
export const carriedOut = async (client: Client, requested: Operation): Promise<Operation> => {
  const operation = await atItsEnd(client, requested);
  if (operation.cause === null) return operation;
  throw problemError(409, { status: 409, ...operation.cause });
};
