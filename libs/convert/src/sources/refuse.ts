import { realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Fault } from '@pstream/kernel';

type Place = { readonly dev: bigint; readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint };

/** The same for all names of a file or folder. Size and time too, since some file systems give a number again that nobody has open. */
export const placeOf = ({ dev, ino, size, mtimeNs }: Place): string => `${dev}:${ino}:${size}:${mtimeNs}`;

/** Refuses what would be taken twice, or written over. `isOwn`: whether a path is that of a file which the conversion makes. Sources that cannot be
 *  looked at are left to `walk`. Faults (never): 'convert.same-source', 'convert.output-is-source'. */
export const refuseSources = async (sources: readonly string[], output: string, isOwn: (path: string) => boolean): Promise<void> => {
  const placeAt = async (path: string): Promise<string | undefined> => stat(path, { bigint: true }).then(placeOf, () => undefined);
  const at = await placeAt(output);
  const met = new Map<string, string>();
  for (const source of sources) {
    const place = await placeAt(source);
    if (place === undefined) continue;
    if (place === at || isOwn(realpathSync(source))) {
      throw new Fault('convert.output-is-source', {
        retry: 'never',
        facts: { source, output },
        advice: 'No source is ever changed. Choose another name for the PST.',
      });
    }
    const same = met.get(place);
    if (same !== undefined) {
      throw new Fault('convert.same-source', {
        retry: 'never',
        facts: { source, same },
        advice: 'Everything in it would be in the PST twice. Leave one of them out.',
      });
    }
    met.set(place, source);
  }
};
