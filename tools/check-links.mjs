// Finds what leads nowhere: links in Markdown to a file or heading that is not there, and citations in the sources such as "Graph §9"
// whose page has no such section. Addresses on the web are not asked for. Usage: node tools/check-links.mjs. Exit 1 if there are any.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SKIP = new Set(['node_modules', 'dist', 'demo-out', 'pstream-data', 'coverage']);

/** Markdown files below a folder, but for what is generated or hidden. */
const pages = (folder = '') =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIP.has(entry.name) || entry.name.startsWith('.') ? [] : pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });

/** The text without code, where brackets mean something else. */
const prose = (text) => text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, (code) => 'x'.repeat(code.length));

/** Anchors as they are made from headings: lower case, punctuation dropped, spaces to hyphens, repeats numbered. */
const anchors = (text) => {
  const seen = new Map();
  return new Set(
    [...text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6} +(.+)$/gm)].map(([, title]) => {
      const slug = title
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return times === 0 ? slug : `${slug}-${times}`;
    }),
  );
};

const problems = [];
for (const page of pages()) {
  const from = join(root, page);
  const text = readFileSync(from, 'utf8');
  for (const [, target] of prose(text).matchAll(/\]\(([^()\s]+)(?:\s+"[^"]*")?\)/g)) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const [path, anchor] = target.split('#');
    const file = path === '' ? from : join(dirname(from), decodeURIComponent(path));
    if (!existsSync(file)) problems.push(`${page}: ${target} leads nowhere`);
    else if (relative(root, file).startsWith('..')) problems.push(`${page}: ${target} leads out of the repository`);
    else if (anchor !== undefined && statSync(file).isFile() && file.endsWith('.md') && !anchors(readFileSync(file, 'utf8')).has(anchor))
      problems.push(`${page}: ${target} has no such heading`);
  }
}
/** Specifications that sources cite by section, and where ours are. */
const CITED = {
  Graph: 'docs/formats/graph-mailbox-export.md',
  FastTransfer: 'docs/formats/fasttransfer.md',
  PST: 'docs/formats/pst.md',
  Reliability: 'docs/design/reliability.md',
};
/** A name with the sections cited from it: "Graph §5.2, §6". RFCs have sections of their own; "§4" alone is allowed within such a page. */
const CITATION = /(?:\b(RFC [\d ]+|[A-Z]\w*) )?§ ?(\d+(?:\.\d+)*)/g;

const sections = Object.fromEntries(
  Object.entries(CITED).map(([name, page]) => [
    name,
    new Set([...readFileSync(join(root, page), 'utf8').matchAll(/^#{1,6} (\d+(?:\.\d+)*)\.? /gm)].map(([, number]) => number)),
  ]),
);
const nameOfPage = (file) => Object.keys(CITED).find((name) => CITED[name] === file);

const sources = spawnSync('git', ['grep', '-l', '--untracked', '§', '--', '*.ts', '*.tsx', '*.mjs', '*.cjs', '*.json', '*.md'], {
  cwd: root,
  encoding: 'utf8',
});
for (const file of sources.stdout.split('\n').filter((name) => name !== '' && name !== 'tools/check-links.mjs')) {
  for (const [index, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
    let name = nameOfPage(file);
    for (const [, given, number] of line.matchAll(CITATION)) {
      name = given ?? name;
      if (name?.startsWith('RFC ') === true) continue;
      if (name === undefined || sections[name] === undefined) problems.push(`${file}:${index + 1}: §${number} of what? See docs/README.md`);
      else if (!sections[name].has(number)) problems.push(`${file}:${index + 1}: ${name} §${number} is no section of ${CITED[name]}`);
    }
  }
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`links: ${problems.length === 0 ? 'all lead somewhere' : `${problems.length} broken`}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
