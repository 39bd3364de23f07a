// Bundles the command line into apps/cli/bundle: a few files that start several times faster than a thousand modules, and a package without
// dependencies that installs anywhere (`npm pack ./apps/cli/bundle`). Needs a build. Usage: node tools/bundle-cli.mjs
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { noticesOf } from './notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = join(root, 'apps', 'cli', 'bundle');

/** Parts of Nest and of nest-commander that they load if somebody installed them. Nothing here uses them. */
const NEVER_LOADED = ['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-express', 'class-transformer', 'class-validator'];

/** What nest-commander loads for prompts and plug-ins, which pstream has none of: four fifths of the whole. */
const LEFT_OUT = /^(inquirer|cosmiconfig|@fig\/complete-commander)$/;
const leaveOut = {
  name: 'leave-out',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: LEFT_OUT }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Writes the bundle, replacing the one before. */
export const bundleCli = async () => {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { pstream: join(root, 'apps', 'cli', 'dist', 'main.js') },
    outdir,
    bundle: true,
    plugins: [leaveOut],
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    external: NEVER_LOADED.flatMap((name) => [name, `${name}/*`]),
    // CommonJS packages ask for Node's modules with `require`.
    banner: { js: "import { createRequire as pstreamRequire } from 'node:module'; const require = pstreamRequire(import.meta.url);" },
    legalComments: 'none',
    keepNames: true,
    metafile: true,
    logLevel: 'warning',
  });
  const { version, license, description } = JSON.parse(readFileSync(join(root, 'apps', 'cli', 'package.json'), 'utf8'));
  const manifest = {
    ...{ name: '@pstream/cli', version, license, description, type: 'module' },
    ...{ bin: { pstream: 'pstream.mjs' }, engines: { node: '>=22.12' } },
  };
  writeFileSync(join(outdir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(outdir, 'THIRD-PARTY-LICENCES.txt'), noticesOf(root, Object.keys(metafile.inputs)));
  copyFileSync(join(root, 'LICENSE'), join(outdir, 'LICENSE'));
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleCli();
