// The licences of the packages that went into a bundle, as they ask for it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One text with the licence of each package that the files, relative to the root, belong to. */
export const noticesOf = (root, inputs) => {
  const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const at = join(root, folder);
    const { name, version, license = 'see its sources' } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
    const file = readdirSync(at).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(join(at, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
};
