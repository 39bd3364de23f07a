// Bundles the console into apps/console/bundle: index.html, hashed files under assets/, and a gzip of each that is worth one. Needs a build.
// No source maps: they would be served with the rest. Usage: node tools/bundle-console.mjs [--report]
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { manualPages } from './manual-pages.mjs';
import { noticesOf } from './notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const app = join(root, 'apps', 'console');
const outdir = join(app, 'bundle');

/** Below this, the header of a gzip file takes what it saves. */
const WORTH_GZIP_BYTES = 1_000;

/** Files that the first page needs: its entry and everything that it imports statically. */
const firstLoad = (outputs, entry) => {
  const needed = new Set();
  const visit = (file) => {
    if (needed.has(file)) return;
    needed.add(file);
    for (const { path, kind } of outputs[file].imports) if (kind === 'import-statement') visit(path);
  };
  visit(entry);
  return [...needed];
};

/** Puts the manual where the console has an empty one, with the index that searches it. */
const withManual = async () => {
  const { makeIndex } = await import(pathToFileURL(join(app, 'dist', 'help', 'find.js')));
  const { pages, passages } = manualPages(root);
  const places = passages.map(({ id, title, page }) => ({ id, title, page }));
  const text = JSON.stringify(JSON.stringify({ pages, places, index: makeIndex(passages) }));
  return {
    name: 'manual',
    setup: (esbuild) =>
      esbuild.onLoad({ filter: /console[\\/]dist[\\/]help[\\/]manual\.js$/ }, () => ({
        contents: `export const manual = JSON.parse(${text});`,
        loader: 'js',
      })),
  };
};

/** Writes the bundle, replacing the one before; returns the gzip sizes of its files and of the first page. */
export const bundleConsole = async () => {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { console: join(app, 'dist', 'main.js') },
    outdir: join(outdir, 'assets'),
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    sourcemap: false,
    plugins: [await withManual()],
    metafile: true,
    logLevel: 'warning',
  });
  const entry = Object.keys(metafile.outputs).find((file) => metafile.outputs[file].entryPoint?.endsWith('console/dist/main.js'));
  const css = readFileSync(join(app, 'src', 'console.css'));
  const cssName = `console-${createHash('sha256').update(css).digest('hex').slice(0, 8)}.css`;
  writeFileSync(join(outdir, 'assets', cssName), css);
  const first = firstLoad(metafile.outputs, entry);
  const preloads = first.filter((file) => file !== entry).map((file) => `<link rel="modulepreload" href="/assets/${basename(file)}" />`);
  const page = readFileSync(join(app, 'src', 'index.html'), 'utf8')
    .replace('<!-- styles -->', `<link rel="stylesheet" href="/assets/${cssName}" />`)
    .replace(
      '<!-- scripts -->',
      [...preloads, `<script type="module" nonce="NONCE" src="/assets/${basename(entry)}"></script>`].join('\n    '),
    );
  writeFileSync(join(outdir, 'index.html'), page);
  writeFileSync(join(outdir, 'assets', 'THIRD-PARTY-LICENCES.txt'), noticesOf(root, Object.keys(metafile.inputs)));
  const sizes = {};
  for (const name of readdirSync(join(outdir, 'assets'))) {
    const bytes = readFileSync(join(outdir, 'assets', name));
    const zipped = gzipSync(bytes, { level: 9 });
    if (bytes.length >= WORTH_GZIP_BYTES) writeFileSync(join(outdir, 'assets', `${name}.gz`), zipped);
    sizes[name] = zipped.length;
  }
  mkdirSync(outdir, { recursive: true });
  const firstBytes = [...first.map((file) => basename(file)), cssName].reduce((sum, name) => sum + sizes[name], gzipSync(page).length);
  return { sizes, firstBytes };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { sizes, firstBytes } = await bundleConsole();
  if (process.argv.includes('--report'))
    process.stdout.write(
      `${Object.entries(sizes)
        .map(([name, bytes]) => `${String(bytes).padStart(8)} ${name}`)
        .join('\n')}\nfirst page: ${firstBytes} bytes gzip\n`,
    );
}
