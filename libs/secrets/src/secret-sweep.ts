import type { SecretRef, SecretStore } from './secret-store.js';

/** Which secrets nothing needs. */
export type Unneeded = {
  /** Those among all that look unneeded. Of secrets that are for something else, nothing is known. */
  loose(listed: Awaited<ReturnType<SecretStore['list']>>, signal: AbortSignal): Promise<readonly SecretRef[]>;
  /** Those that something needs nevertheless; asked only where one would be deleted. */
  needed?(signal: AbortSignal): Promise<ReadonlySet<SecretRef>>;
};

/** Deletes secrets that nothing needs. One is deleted when two rounds in a row have found it so: whatever was on its way to use it at the first has arrived
 *  by the second, so no step has to wait for another, and a crash between any two leaves work for a later round. */
export class SecretSweep {
  readonly #secrets: Pick<SecretStore, 'list' | 'delete'>;
  readonly #unneeded: Unneeded;
  /** What the round before found loose. */
  #before: ReadonlySet<SecretRef> = new Set();

  constructor(secrets: Pick<SecretStore, 'list' | 'delete'>, unneeded: Unneeded) {
    this.#secrets = secrets;
    this.#unneeded = unneeded;
  }

  /** Looks at every secret once. Returns how many were deleted. */
  async round(signal: AbortSignal): Promise<number> {
    const loose = await this.#unneeded.loose(await this.#secrets.list(), signal);
    const again = new Set(loose.filter((ref) => this.#before.has(ref)));
    this.#before = new Set(loose);
    if (again.size === 0) return 0;
    for (const ref of (await this.#unneeded.needed?.(signal)) ?? []) again.delete(ref);
    for (const ref of again) {
      signal.throwIfAborted();
      await this.#secrets.delete(ref);
    }
    return again.size;
  }
}
