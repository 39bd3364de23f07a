// Finds links in Markdown files that lead nowhere: relative paths without a file, and #anchors without a heading.
// Addresses on the web are not asked for. Usage: node tools/check-links.mjs. Exit 1 if there are any.
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
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`links: ${problems.length === 0 ? 'all lead somewhere' : `${problems.length} broken`}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
