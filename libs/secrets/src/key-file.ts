import { dirname } from 'node:path';
import { errnoOf, Fault, systemRandom, type Random } from '@pstream/kernel';
import { privateFolder, readPrivate, writePrivate } from '@pstream/storage/files';
import { fileFaults } from './file-errors.js';
import { masterKeyFromBase64, type MasterKey } from './master-key.js';

/** The master key of a key file: 32 bytes in base64, mode 0600. Faults: 'secret.no-key' (never) if there is none and `create` is not set,
 *  'secret.key-exposed' (never) if others may read it, 'secret.bad-key' (never); all with advice. */
export const masterKeyFromFile = async (
  path: string,
  options: { readonly create: boolean; readonly random?: Random },
): Promise<MasterKey> => {
  const { random = systemRandom } = options;
  return fileFaults({ file: 'master-key' }, async () => {
    let file = await readPrivate(path);
    if (file === undefined && options.create) {
      await privateFolder(dirname(path));
      try {
        await writePrivate(path, `${Buffer.from(random.bytes(32)).toString('base64')}\n`, 'new');
      } catch (error) {
        // Another process has made one at the same moment: there must be only one key.
        if (errnoOf(error) !== 'EEXIST') throw error;
      }
      file = await readPrivate(path);
    }
    if (file === undefined) {
      throw new Fault('secret.no-key', {
        retry: 'never',
        advice: 'Secrets are there but the key file is not. Put it back from a backup, or delete the secrets and enter them again.',
      });
    }
    if (process.platform !== 'win32' && (file.mode & 0o077) !== 0) {
      throw new Fault('secret.key-exposed', {
        retry: 'never',
        facts: { mode: file.mode.toString(8) },
        advice: 'Others may read the key file. Run chmod 600 on it, and consider every secret known that others may have read.',
      });
    }
    return masterKeyFromBase64(file.text, random);
  });
};
