import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errnoOf, systemRandom, type Ids, type Random } from '@pstream/kernel';
import { isLeftover, privateFolder, readPrivate, removePrivate, writePrivate } from '@pstream/storage/files';
import { fileFaults } from './file-errors.js';
import { masterKeyFromFile } from './key-file.js';
import type { MasterKeys } from './master-key.js';
import { isSecretRef, parseSealedSecret, sealedSecrets, unreadable, type SealedRecords, type SealedSecret } from './sealed-secrets.js';
import type { SecretRef, SecretStore } from './secret-store.js';

/** Without `keys` the master key is that of `<dir>/master.key`, made with the first secret. */
export type FileSecretStoreOptions = { readonly dir: string; readonly keys?: MasterKeys; readonly random?: Random; readonly ids?: Ids };

/** Secrets in a folder for its owner alone (0700), one sealed file (0600) each, written whole. For one process at a time. */
export const fileSecretStore = async (options: FileSecretStoreOptions): Promise<SecretStore> => {
  const { random = systemRandom } = options;
  const dir = resolve(options.dir);
  const records = fileRecords(dir);
  await fileFaults({}, async () => {
    await privateFolder(dir);
    // What a process that died while writing has left; nobody else writes here.
    for (const name of await readdir(dir)) if (isLeftover(name)) await removePrivate(join(dir, name));
  });
  // A new key beside sealed secrets would hide that the right one is lost.
  const create = async (): Promise<boolean> => (await records.refs()).length === 0;
  const keys = options.keys ?? { current: await masterKeyFromFile(join(dir, 'master.key'), { create: await create(), random }) };
  return sealedSecrets(records, keys, { random, ...(options.ids === undefined ? {} : { ids: options.ids }) });
};

const fileRecords = (dir: string): SealedRecords => {
  const pathOf = (ref: SecretRef): string => join(dir, `${ref.slice('secret:'.length)}.json`);
  const textOf = (record: SealedSecret): string => `${JSON.stringify(record)}\n`;
  // Writes to one secret come one after another, so that compare and replace are one step.
  const last = new Map<SecretRef, Promise<unknown>>();
  const inTurn = <T>(ref: SecretRef, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(ref) ?? Promise.resolve()).then(work, work);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (last.get(ref) === settled) last.delete(ref);
      });
    last.set(ref, settled);
    return fileFaults({ ref }, () => turn);
  };
  const read = async (ref: SecretRef): Promise<SealedSecret | undefined> => {
    const file = await readPrivate(pathOf(ref));
    if (file === undefined) return undefined;
    const record = parseSealedSecret(parseJson(file.text));
    if (record === undefined) throw unreadable(ref, 'damaged');
    return record;
  };
  return {
    read: (ref) => fileFaults({ ref }, () => read(ref)),
    insert: (record) =>
      inTurn(record.ref, async () => {
        if ((await read(record.ref)) === undefined) await writePrivate(pathOf(record.ref), textOf(record), 'new');
      }),
    replace: (seen, next) =>
      inTurn(next.ref, async () => {
        const there = await read(next.ref);
        if (there === undefined || textOf(there) !== textOf(seen)) return false;
        await writePrivate(pathOf(next.ref), textOf(next), 'replace');
        return true;
      }),
    delete: (ref) => inTurn(ref, () => removePrivate(pathOf(ref))),
    refs: () =>
      fileFaults({}, async () => {
        const names = await readdir(dir).catch((error: unknown) => {
          if (errnoOf(error) === 'ENOENT') return [];
          throw error;
        });
        return names
          .filter((name) => name.endsWith('.json'))
          .map((name) => `secret:${name.slice(0, -'.json'.length)}`)
          .filter(isSecretRef)
          .toSorted();
      }),
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
