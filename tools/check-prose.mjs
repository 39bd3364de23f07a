// Counts the phrases that docs/style.md tells to avoid, in Markdown and in the comments and texts of the sources. The counts may only fall.
// Usage: node tools/check-prose.mjs [--list]
import { ratchet, read, sources } from './sources.mjs';

const STYLE = 'docs/style.md';
const section = read(STYLE).split('## Phrases')[1].split('\n## ')[0];
const phrases = [...section.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, phrase]) => phrase),
);
// A phrase may be broken over two lines, in comments too.
const PHRASE = new RegExp(`\\b(?:${phrases.map((phrase) => phrase.replaceAll(' ', '[\\s/*]+')).join('|')})\\b`, 'gi');

/** Where the phrases stand, but for quoted ones: `path:line: phrase`. */
const findings = (paths) =>
  paths.flatMap((path) => {
    const text = read(path);
    const quoted = path.endsWith('.md') ? text.replaceAll(/`[^`\n]*`/g, (code) => ' '.repeat(code.length)) : text;
    return [...quoted.matchAll(PHRASE)].map(({ 0: phrase, index }) => `${path}:${text.slice(0, index).split('\n').length}: ${phrase}`);
  });

let passed = true;
for (const [name, paths] of [
  ['prose of documents', sources('*.md').filter((path) => path !== STYLE)],
  ['prose of sources', sources('*.ts', '*.tsx', '*.mjs', '*.cjs', 'apps/console/src/words/en.json')],
]) {
  const found = findings(paths);
  const show = () => found.forEach((line) => process.stderr.write(`${line}\n`));
  if (process.argv.includes('--list')) show();
  passed = ratchet(name, found.length, show) && passed;
}
process.exitCode = passed ? 0 : 1;
