/** How a call touches its database. `write`: the reply waits until the commit is on the disk. `quick-write`: the reply waits for the
 *  commit only, so a power cut may set the effect back. `read`: sees committed data only. */
export type CallKind = 'write' | 'quick-write' | 'read';

/** One operation on a database: a short synchronous step. Argument and result must survive a structured clone. */
export type Call<A, R> = { readonly is: CallKind; readonly run: (argument: A) => R };

/** The operations of a database by name. */
export type Calls = Readonly<Record<string, Call<never, unknown>>>;

const HANDED_OVER = Symbol('handed over');

/** A result whose buffers move to the caller instead of being copied. */
export type HandedOver<T> = { readonly [HANDED_OVER]: readonly ArrayBuffer[]; readonly value: T };

/** The argument of a call. */
export type ArgumentOf<C> = C extends Call<infer A, unknown> ? A : never;
/** What a call resolves with. */
export type ResultOf<C> = C extends Call<never, infer R> ? (R extends HandedOver<infer T> ? T : R) : never;

/** A call that waits for the disk. */
export const write = <A, R>(run: (argument: A) => R): Call<A, R> => ({ is: 'write', run });
/** A call that waits for the commit and not for the disk. */
export const quickWrite = <A, R>(run: (argument: A) => R): Call<A, R> => ({ is: 'quick-write', run });
/** A call that reads. */
export const read = <A, R>(run: (argument: A) => R): Call<A, R> => ({ is: 'read', run });

/** Marks buffers of a result as the caller's from now on; nobody here may use them again. */
export const handOver = <T>(value: T, buffers: readonly ArrayBuffer[]): HandedOver<T> => ({ [HANDED_OVER]: buffers, value });

/** A result and the buffers to move with it. */
export const unpack = (result: unknown): { readonly value: unknown; readonly buffers: readonly ArrayBuffer[] } =>
  typeof result === 'object' && result !== null && HANDED_OVER in result
    ? { value: (result as HandedOver<unknown>).value, buffers: (result as HandedOver<unknown>)[HANDED_OVER] }
    : { value: result, buffers: [] };
