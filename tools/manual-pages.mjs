// The manual as the console shows it: pages of elements, not of markup, and an index to search them. Read by tools/bundle-console.mjs.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { marked } from 'marked';

const MANUAL = 'docs/manual';
const FOLDERS = [MANUAL, 'docs/reference'];

/** The id of a page: its path below the manual, or `reference/…` for what the sources write. */
const idOf = (file) => (file.startsWith(`${MANUAL}/`) ? file.slice(MANUAL.length + 1) : file.slice('docs/'.length)).replace(/\.md$/, '');

const anchorOf = (text) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(/\s+/g, '-');

const plainOf = (nodes) => nodes.map((node) => (typeof node === 'string' ? node : plainOf(node.in ?? []))).join('');
const CODE = /^[a-z][\w-]*(?:\.[\w-]+)+$/;

/** Reads one page. `href` turns a link of the file into where it leads in the console, or undefined. */
const readPage = (source, href) => {
  const decode = (text) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  const inline = (tokens = []) =>
    tokens.flatMap((token) => {
      switch (token.type) {
        case 'strong':
        case 'em':
          return [{ is: token.type, in: inline(token.tokens) }];
        case 'codespan':
          return [{ is: 'code', in: [decode(token.text)] }];
        case 'link': {
          const to = href(token.href);
          return to === undefined ? inline(token.tokens) : [{ is: 'a', to, in: inline(token.tokens) }];
        }
        case 'image':
          return [];
        case 'br':
          return ['\n'];
        default:
          return token.tokens === undefined ? [decode(token.text ?? '')] : inline(token.tokens);
      }
    });
  const cells = (row) => row.map(({ tokens }) => inline(tokens));
  const block = (token) => {
    switch (token.type) {
      case 'heading': {
        const text = inline(token.tokens);
        return [{ is: `h${Math.min(token.depth, 4)}`, id: anchorOf(plainOf(text)), in: text }];
      }
      case 'paragraph':
      case 'text': {
        const text = inline(token.tokens ?? [token]);
        return text.length === 0 ? [] : [{ is: 'p', in: text }];
      }
      case 'code':
        return [{ is: 'pre', in: [token.text] }];
      case 'blockquote':
        return [{ is: 'blockquote', in: token.tokens.flatMap(block) }];
      case 'list':
        return [{ is: token.ordered ? 'ol' : 'ul', in: token.items.map((item) => ({ is: 'li', in: item.tokens.flatMap(block) })) }];
      case 'table':
        return [{ is: 'table', head: cells(token.header), rows: token.rows.map(cells) }];
      default:
        return [];
    }
  };
  return marked.lexer(source).flatMap(block);
};

/** Texts of blocks, for the index. */
const wordsOf = ({ is, head = [], rows = [], in: inner = [] }) =>
  is === 'table'
    ? [...head, ...rows.flat()].map(plainOf).join(' ')
    : inner.map((node) => (typeof node === 'string' ? node : wordsOf(node))).join(' ');

/** What can be found in a page: each heading with what stands below it, and each row of a table that begins with codes. */
const passagesOf = ({ id, title, blocks }) => {
  const passages = [];
  let at = { id, title, page: title, text: '' };
  for (const block of blocks) {
    if (/^h[2-4]$/.test(block.is)) {
      passages.push(at);
      at = { id: `${id}#${block.id}`, title: plainOf(block.in), page: title, text: '' };
    } else if (block.is !== 'h1') at.text += ` ${wordsOf(block)}`;
    for (const row of block.rows ?? [])
      for (const { is, in: [code] = [] } of row[0].filter((node) => typeof node !== 'string'))
        if (is === 'code' && CODE.test(code) && !passages.some((each) => each.id === `${id}#${code}`))
          passages.push({ id: `${id}#${code}`, title: code, page: title, text: row.slice(1).map(plainOf).join(' ') });
  }
  return [...passages, at].filter(({ text }) => text.trim() !== '');
};

/** The pages in the order of the manual's own list, and their passages. */
export const manualPages = (root) => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.md'))
      .map((name) => posix.join(folder, name.replaceAll('\\', '/'))),
  );
  const known = new Map(files.map((file) => [file, idOf(file)]));
  const hrefIn = (file) => (target) => {
    if (/^[a-z]+:/.test(target)) return target.startsWith('https:') ? target : undefined;
    const [path, anchor] = target.split('#');
    const id = known.get(path === '' ? file : posix.join(dirname(file), path));
    // What is not in the manual is not in the console.
    return id === undefined ? undefined : `/help/${id}${anchor === undefined ? '' : `#${anchor}`}`;
  };
  const list = readFileSync(join(root, MANUAL, 'README.md'), 'utf8');
  const order = [...list.matchAll(/\]\(([^)#]+\.md)/g)].map(([, path]) => posix.join(MANUAL, path));
  const place = (file) => (file === `${MANUAL}/README.md` ? -1 : order.includes(file) ? order.indexOf(file) : order.length);
  const pages = files
    .toSorted((a, b) => place(a) - place(b))
    .map((file) => {
      const blocks = readPage(readFileSync(join(root, file), 'utf8'), hrefIn(file));
      const heading = blocks.find(({ is }) => is === 'h1');
      return { id: known.get(file), title: heading === undefined ? known.get(file) : plainOf(heading.in), blocks };
    });
  return { pages, passages: pages.flatMap(passagesOf) };
};
