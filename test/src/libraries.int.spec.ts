import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot, tempDir } from '@pstream/testing';

const LIBRARIES = ['kernel', 'mapi', 'fasttransfer', 'pst'];
/** What the libraries and the compiler bring along from outside; from the workspace, so that nothing is downloaded. */
const OTHERS = ['iconv-lite', 'safer-buffer', '@types/node', 'undici-types'];
const VERSION = (JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string }).version;

type Manifest = {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Runs a program to its end, without a network for npm; what it printed on both streams is in the error if it fails. */
const run = async (cwd: string, program: string, ...args: readonly string[]): Promise<string> => {
  const npm = { npm_config_offline: 'true', npm_config_cache: join(cwd, '.npm'), npm_config_loglevel: 'error' };
  // npm hands its own settings down to what it starts, and these tests may have been started by it.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$/i.test(name));
  const env = { ...Object.fromEntries(inherited), ...npm };
  try {
    return (await promisify(execFile)(program, args, { cwd, env, shell: process.platform === 'win32' })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed in ${cwd}:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
};
const node = (cwd: string, ...args: readonly string[]): Promise<string> => run(cwd, process.execPath, ...args);
const tsc = join(repositoryRoot, 'node_modules', '@typescript', 'native', 'bin', 'tsc');

/** A workspace of the four libraries alone: packing changes a manifest for a moment, and other tests read those of the real one. */
const copyOfWorkspace = (): string => {
  const root = tempDir();
  const copied = [
    'package.json',
    'tsconfig.base.json',
    'LICENSE',
    join('tools', 'pack-manifest.mjs'),
    join('tools', 'compiler.mjs'),
    ...LIBRARIES.map((name) => join('libs', name)),
  ];
  for (const path of copied)
    cpSync(join(repositoryRoot, path), join(root, path), {
      recursive: true,
      preserveTimestamps: true,
      filter: (file) => !file.includes('node_modules'),
    });
  for (const scope of ['@pstream', '@types']) mkdirSync(join(root, 'node_modules', scope), { recursive: true });
  const link = (target: string, name: string): void => symlinkSync(target, join(root, 'node_modules', name), 'junction');
  for (const name of LIBRARIES) link(join(root, 'libs', name), `@pstream/${name}`);
  for (const name of [...OTHERS, '@typescript', 'node', '.bin']) link(join(repositoryRoot, 'node_modules', name), name);
  return root;
};

const pack = async (root: string, to: string): Promise<void> => {
  await run(root, 'npm', 'run', 'pack:libraries', '--', '--pack-destination', to);
};

const manifestIn = (project: string, name: string): Manifest =>
  JSON.parse(readFileSync(join(project, 'node_modules', '@pstream', name, 'package.json'), 'utf8')) as Manifest;

/** What a program imports to reach every entry point of a library. */
const entryPoints = (project: string, name: string): readonly string[] =>
  Object.keys(manifestIn(project, name).exports)
    .filter((path) => path !== './package.json')
    .map((path) => `@pstream/${name}${path.slice(1)}`);

/** The example of a README, and what the README says that it prints. */
const example = (project: string, name: string): { readonly code: string; readonly output: string } => {
  const readme = readFileSync(join(project, 'node_modules', '@pstream', name, 'README.md'), 'utf8');
  const [, code, output] = /^```js\n([^]*?)^```\n\n```text\n([^]*?)^```$/m.exec(readme) ?? [];
  if (code === undefined || output === undefined) throw new Error(`the README of ${name} has no js block with a text block below it`);
  return { code, output };
};

describe('the libraries, packed', () => {
  const root = copyOfWorkspace();
  const tarballs = tempDir();
  /** A project that is empty but for the packages. */
  const project = tempDir();

  beforeAll(async () => {
    await pack(root, tarballs);
    const others = OTHERS.map((name) => join(repositoryRoot, 'node_modules', name));
    await run(tarballs, 'npm', 'pack', '--ignore-scripts', ...others, '--pack-destination', tarballs);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'somebody', private: true, type: 'module' }));
    const files = readdirSync(tarballs).filter((file) => file.endsWith('.tgz'));
    await run(project, 'npm', 'install', '--no-audit', '--no-fund', ...files.map((file) => join(tarballs, file)));
  });

  it('are installed with nothing else, and at one version', () => {
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed.sort()).toEqual(['@pstream', '@types', 'iconv-lite', 'safer-buffer', 'undici-types']);
    expect(readdirSync(join(project, 'node_modules', '@pstream')).sort()).toEqual([...LIBRARIES].sort());
    const dependencies = LIBRARIES.map((name) => [name, manifestIn(project, name).version, manifestIn(project, name).dependencies]);
    expect(dependencies).toEqual([
      ['kernel', VERSION, {}],
      ['mapi', VERSION, { 'iconv-lite': expect.stringMatching(/^\d/) as string }],
      ['fasttransfer', VERSION, { '@pstream/kernel': VERSION, '@pstream/mapi': VERSION }],
      ['pst', VERSION, { '@pstream/kernel': VERSION, '@pstream/mapi': VERSION }],
    ]);
  });

  it.each(LIBRARIES)('%s holds compiled code with types, README and licence, and nothing of the workspace', (name) => {
    const folder = join(project, 'node_modules', '@pstream', name);
    expect(readdirSync(folder).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
    const sources = readdirSync(join(repositoryRoot, 'libs', name, 'src'), { recursive: true }).map(String);
    const compiled = sources
      .filter((file) => file.endsWith('.ts') && !/\.(spec|contract|fixture)\.ts$/.test(file))
      .map((file) => file.slice(0, -3));
    const files = readdirSync(join(folder, 'dist'), { recursive: true }).map(String);
    expect(files.filter((file) => file.includes('.')).sort()).toEqual(compiled.flatMap((file) => [`${file}.js`, `${file}.d.ts`]).sort());
    const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
    for (const word of ['@pstream/source', 'src/', 'scripts', 'devDependencies', 'private', '@pstream/testing'])
      expect(manifest).not.toContain(word);
  });

  it.each(LIBRARIES)('%s runs the example of its README, which prints what the README says', async (name) => {
    const { code, output } = example(project, name);
    writeFileSync(join(project, `${name}.js`), code);
    expect(await node(project, `${name}.js`)).toBe(output);
  });

  it('type-check in a program that uses every entry point and skips no check', async () => {
    const points = LIBRARIES.flatMap((name) => entryPoints(project, name));
    expect(points).toContain('@pstream/pst/writer');
    const page = readFileSync(join(repositoryRoot, 'docs', 'manual', 'how-to', 'use-the-libraries.md'), 'utf8');
    const [, documented] = /^```ts\n([^]*?)^```$/m.exec(page) ?? [];
    const all = points.map((point, at) => `export * as everything${at} from '${point}';\n`).join('');
    // Fails as well where the types are there but say nothing, as `any` does.
    const wrong = '// @ts-expect-error an item or a code is no number\nexport const wrong: number = itemOf(new Uint8Array());\n';
    writeFileSync(join(project, 'program.ts'), `${documented ?? ''}${all}${wrong}`);
    // Without those of browsers, which take long to check and would hide a type that Node does not have.
    const libs = ['--target', 'es2023', '--lib', 'es2023', '--types', 'node'];
    expect(await node(project, tsc, '--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', 'false', ...libs, 'program.ts')).toBe(
      '',
    );
  });

  it('leave the workspace as it was', () => {
    for (const name of LIBRARIES) {
      const [now, before] = [root, repositoryRoot].map((folder) => readFileSync(join(folder, 'libs', name, 'package.json'), 'utf8'));
      expect(now).toBe(before);
      expect(existsSync(join(root, 'libs', name, 'LICENSE'))).toBe(false);
    }
  });

  it('are not packed where a file has no source, a version differs, or another run has not ended', async () => {
    const folder = join(root, 'libs', 'mapi');
    const to = tempDir();
    const tool = join(root, 'tools', 'pack-manifest.mjs');
    const original = readFileSync(join(folder, 'package.json'), 'utf8');
    const refused = async (reason: RegExp): Promise<void> => {
      await expect(run(folder, 'npm', 'pack', '--pack-destination', to)).rejects.toThrow(reason);
      expect(readdirSync(to)).toEqual([]);
    };

    writeFileSync(join(folder, 'dist', 'gone.js'), '');
    await refused(/libs\/mapi: dist holds gone\.js without a source/);
    rmSync(join(folder, 'dist', 'gone.js'));

    writeFileSync(join(folder, 'package.json'), original.replace(`"${VERSION}"`, '"9.9.9"'));
    await refused(/libs\/mapi: has version 9\.9\.9, but the workspace has/);
    writeFileSync(join(folder, 'package.json'), original);

    // As after a run that was killed between the two steps:
    await node(folder, tool);
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).not.toBe(original);
    await expect(pack(root, to)).rejects.toThrow(/libs\/mapi: being packed, or packing was interrupted/);
    await expect(node(folder, tool)).rejects.toThrow(/libs\/mapi: is being packed by another run/);
    expect(readdirSync(to)).toEqual([]);
    await node(root, tool, '--restore');
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe(original);
    expect(existsSync(join(folder, 'LICENSE'))).toBe(false);

    // As after one that was killed before it replaced the manifest: what has been edited since stays.
    writeFileSync(join(folder, 'dist', '.package.json'), '{}');
    await node(folder, tool, '--restore');
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe(original);
  });
});
