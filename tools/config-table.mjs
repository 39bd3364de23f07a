// Writes docs/reference from what the programs are made of: configuration keys, commands, exit codes, problem codes.
// Needs a build. Usage: node tools/config-table.mjs [--check]. With --check nothing is written, and pages that are not
// as they would be written end in exit 1.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const load = (path) => import(new URL(path, root).href);
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (titles, rows) =>
  [`| ${titles.join(' | ')} |`, `|${titles.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)].join(
    '\n',
  );
const note = 'This page is written by `node tools/config-table.mjs` from the sources; `npm run check` compares it.';

// Configuration

/** What is said of a schema may stand on a part of it: transforms make a new one around it. */
const aboutOf = (schema) => schema?.description ?? (schema?.def?.in === undefined ? '' : aboutOf(schema.def.in));
const plainSize = (bytes) =>
  bytes % 1024 ** 3 === 0
    ? `${bytes / 1024 ** 3}GiB`
    : bytes % 1024 ** 2 === 0
      ? `${bytes / 1024 ** 2}MiB`
      : bytes % 1024 === 0
        ? `${bytes / 1024}KiB`
        : String(bytes);
const defaultOf = ({ env, schema }) => {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success) return 'needed';
  const value = parsed.data;
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${env.endsWith('_BYTES') ? plainSize(value) : String(value)}\``;
};
const keysOf = (keys) =>
  table(
    ['Variable', 'Default', 'Meaning'],
    Object.values(keys).map((key) => [
      `\`${key.env}\``,
      defaultOf(key),
      `${aboutOf(key.schema)}${key.secret === true ? ' Secret: never shown.' : ''}`,
    ]),
  );

const configuration = async () => {
  const [
    { standaloneKeys },
    { extractorKeys },
    { builderKeys },
    { platformKeys, serviceKeys },
    { gatewayKeys },
    { licensingKeys },
    { notifierKeys },
    { projectsKeys },
  ] = await Promise.all(
    [
      'apps/standalone/dist/config.js',
      'apps/extractor/dist/config.js',
      'apps/pst-builder/dist/config.js',
      'libs/platform/dist/config.js',
      'apps/gateway/dist/config.js',
      'apps/licensing/dist/config.js',
      'apps/notifier/dist/config.js',
      'apps/projects/dist/config.js',
    ].map(load),
  );
  return `# Configuration

${note}

Settings are environment variables. They are read once, at the start, and all problems are reported together (exit code 2). A size is
a number of bytes or a number with a unit: \`512MiB\`, \`10GiB\`.

## The embedded system (\`npm start\`)

${keysOf(standaloneKeys)}

## Every service of the distributed system

${keysOf({ ...platformKeys, ...serviceKeys })}

Exactly one of \`PSTREAM_WORK_ACCOUNT\` and \`PSTREAM_WORK_FOLDER\` is needed, and exactly one of \`PSTREAM_MASTER_KEY\` and
\`PSTREAM_MASTER_KEY_FILE\`.

## Beside those, by service

gateway

${keysOf(gatewayKeys)}

extractor

${keysOf(extractorKeys)}

pst-builder

${keysOf(builderKeys)}

licensing

${keysOf(licensingKeys)}

notifier

${keysOf(notifierKeys)}

projects

${keysOf(projectsKeys)}

## The command line

| Variable | Default | Meaning |
|---|---|---|
| \`PSTREAM_URL\` | what \`pstream login\` saved, else \`http://127.0.0.1:4321\` | Address of the gateway. |
| \`PSTREAM_TOKEN\` | what \`pstream login\` saved | API token. Secret. |
| \`PSTREAM_SECRET\` | | The secret of an endpoint, for commands that take one, instead of \`--secret-file\`; or the SAS or account key for blobs that \`pst\` commands read. Secret. |
`;
};

// Command line

const commands = async () => {
  const [{ NOUNS }, { verbsOf }, { EXIT_CODES }] = await Promise.all(
    ['nouns', 'command', 'exit-codes'].map((name) => load(`apps/cli/dist/cli/${name}.js`)),
  );
  const parts = [];
  for (const { name, about, load: open } of NOUNS) {
    parts.push(`## ${name}\n\n${about}.`);
    for (const { name: verb, about: does, args, options: known } of verbsOf((await open()).verbs)) {
      const options = Object.values(known).map(({ flags, about: meaning }) => `- \`${flags}\`: ${meaning}`);
      parts.push(
        [
          `\`pstream ${[name, verb, args].filter((text) => text !== '').join(' ')}\``,
          `${does}.`,
          ...(options.length === 0 ? [] : [options.join('\n')]),
        ].join('\n\n'),
      );
    }
  }
  return `# Commands

${note}

In a clone, \`pstream\` is \`npm run -s pstream --\`; the bare name is used from here on. Customers, endpoints and projects are named by
id or by name, mailboxes by id or address. Every command takes \`--json\` (one object on standard output) and \`--help\`.

${parts.join('\n\n')}

## Exit codes

${table(
  ['Code', 'Meaning'],
  EXIT_CODES.map(({ code, means }) => [code, means]),
)}
`;
};

// Problem codes

const problems = async () => {
  const { PROBLEM_TEXTS } = await load('libs/api/dist/problems/problem-texts.js');
  const rows = Object.entries(PROBLEM_TEXTS).map(([code, { title, detail }]) => [
    `\`${code}\``,
    title,
    typeof detail === 'string'
      ? detail
      : detail({})
          .replaceAll(/\bsome\b/g, '…')
          .replaceAll(/ on \./g, '.'),
  ]);
  return `# Problem codes

${note}

The codes that the API and the command line answer with. The API sends them as \`application/problem+json\` with the field \`code\`.
\`…\` stands for a number or a date. Codes of items and of passes that failed are in
[Causes of failures](../manual/reference/causes.md).

${table(['Code', 'Title', 'What to do'], rows)}
`;
};

const check = process.argv.includes('--check');
let stale = 0;
for (const [page, write] of [
  ['configuration', configuration],
  ['commands', commands],
  ['problem-codes', problems],
]) {
  const file = new URL(`docs/reference/${page}.md`, root);
  const text = await write();
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (!check) writeFileSync(file, text);
  else process.stderr.write(`${fileURLToPath(file)} is not current. Run: node tools/config-table.mjs\n`);
  stale++;
}
process.stdout.write(`reference: ${stale === 0 ? 'current' : check ? `${stale} pages not current` : `${stale} pages written`}\n`);
process.exitCode = check && stale > 0 ? 1 : 0;
