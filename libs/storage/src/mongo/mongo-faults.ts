import { Fault, isFault } from '@pstream/kernel';
import { MongoError, MongoServerError } from 'mongodb';
import { unavailable, type StoreName } from './unavailable.js';

// Server codes with the circumstances in which they come.
const DUPLICATE_KEY = 11_000;
/** The user lacks a right, or its password was refused. */
const UNAUTHORIZED = [13, 18, 8_000];
/** The server has refused writes because its disk is full. */
const OUT_OF_DISK_SPACE = 14_031;
/** The document exceeds 16 MiB, found by the server. */
const TOO_LARGE = [10_334, 17_280, 17_420];

/** True where a unique index refused a write. */
export const isDuplicateKey = (error: unknown): boolean => error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** Runs a step on MongoDB and turns the driver's errors into Faults. A lost connection, an election, a timeout and anything
 *  unknown are '<store>.unavailable': whether the step took effect is unknown, and repeating it is safe. */
export const mongoFaults = async <T>(store: StoreName, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw classify(store, error);
  }
};

const classify = (store: StoreName, error: unknown): unknown => {
  if (isFault(error) || !(error instanceof MongoError)) return error;
  const code = typeof error.code === 'number' ? error.code : undefined;
  if (code === undefined) return unavailable(store, error);
  if (UNAUTHORIZED.includes(code)) {
    return new Fault('storage.unauthorized', {
      retry: 'never',
      facts: { code },
      cause: error,
      advice: 'Check user, password and roles of the MongoDB connection string.',
    });
  }
  if (code === OUT_OF_DISK_SPACE) {
    return new Fault('storage.full', {
      retry: { afterMs: 30_000 },
      facts: { code },
      cause: error,
      advice: 'Free space on the disks of MongoDB.',
    });
  }
  if (TOO_LARGE.includes(code)) return new Fault('storage.document-too-large', { retry: 'never', facts: { code }, cause: error });
  return unavailable(store, error, { code });
};

/** Refuses a connection whose writes could be acknowledged and then lost. Unset is fine: the adapters ask for the strongest. */
export const requireMajority = (
  writeConcern: { readonly w?: number | string; readonly journal?: boolean; readonly j?: boolean } | undefined,
): void => {
  const w = writeConcern?.w;
  if ((w === undefined || w === 'majority') && writeConcern?.journal !== false && writeConcern?.j !== false) return;
  throw new Fault('storage.weak-write-concern', {
    retry: 'never',
    facts: { w: w ?? 'unset', journal: writeConcern?.journal ?? writeConcern?.j ?? true },
    advice: 'Remove w and journal from the MongoDB connection string, or set w=majority and journal=true.',
  });
};

/** What the adapters ask of every collection: nothing acknowledged is lost, nothing read is undone. */
export const DURABLE = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
} as const;
