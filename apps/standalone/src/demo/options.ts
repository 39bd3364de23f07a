import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_PART_BYTES, PART_BYTES } from '@pstream/contracts';
import { UsageError } from '@pstream/platform';
import { parseSize } from '@pstream/wiring';

/** What the demo was asked to do. Paths are absolute. */
export type DemoOptions = {
  readonly content:
    | { readonly is: 'generated'; readonly items: number }
    | { readonly is: 'dump'; readonly directory: string }
    | {
        readonly is: 'mailboxes';
        readonly mailboxes: readonly { readonly userPrincipalName: string; readonly primary: string; readonly archive?: string }[];
      };
  readonly out: string | undefined;
  readonly partBytes: number;
  readonly seed: number;
  readonly json: boolean;
  readonly keep: boolean;
};

export const DEMO_HELP = `Exports a simulated tenant to PST files: the whole main job, on embedded defaults.

  npm run demo                                       three made-up mailboxes and an archive; one item fails and is mended
  npm run demo -- --tenant DIR                       the mailboxes of a tenant dump
  npm run demo -- --mailbox UPN=primary.pst[,archive.pst] …   mailboxes from PST files

  --generate N      items in each made-up mailbox; 120 by default
  --out DIR         where the PSTs go, and where an interrupted demo goes on; demo-out/run-N by default
  --part-size SIZE  a new PST is begun before a file would pass this size, for example 2MiB; 10GiB by default
  --seed N          what made-up mailboxes follow from; 1 by default
  --json            one JSON object on standard output at the end; everything else on standard error
  --keep            leave the system running when it is done
  --help            this text

Exit codes: 0 every sum holds and every part is verified, 1 not so, 2 wrong arguments.
`;

const DEFAULT_ITEMS = 120;

/** Reads the arguments; undefined for --help. Throws UsageError. `from` is the directory that relative paths start at. */
export const readDemoOptions = (args: readonly string[], from: string): DemoOptions | undefined => {
  const values = parse(args);
  if (values.help === true) return undefined;
  if ([values.tenant, values.mailbox, values.generate].filter((given) => given !== undefined).length > 1)
    throw new UsageError('Give only one of --tenant, --mailbox and --generate.');
  const partBytes = values['part-size'] === undefined ? DEFAULT_PART_BYTES : parseSize(values['part-size']);
  if (partBytes === undefined || partBytes < PART_BYTES.min || partBytes > PART_BYTES.max) {
    throw new UsageError(`--part-size must be a size from 1MiB to 45GiB, such as 2MiB; found "${values['part-size']}".`);
  }
  return {
    content: contentOf(values, from),
    out: values.out === undefined ? undefined : outOf(resolve(from, values.out)),
    partBytes,
    seed: whole('seed', values.seed, 1),
    json: values.json ?? false,
    keep: values.keep ?? false,
  };
};

const contentOf = (values: Values, from: string): DemoOptions['content'] => {
  if (values.tenant !== undefined) {
    const directory = resolve(from, values.tenant);
    if (!isDirectory(directory)) throw new UsageError(`--tenant must be the directory of a tenant dump; ${directory} is none.`);
    return { is: 'dump', directory };
  }
  if (values.mailbox !== undefined) {
    const mailboxes = values.mailbox.map((text) => mailboxOf(text, from));
    const twice = mailboxes.find(
      (one, at) => mailboxes.findIndex((other) => other.userPrincipalName.toLowerCase() === one.userPrincipalName.toLowerCase()) !== at,
    );
    if (twice !== undefined) throw new UsageError(`--mailbox names ${twice.userPrincipalName} twice. Give each user once.`);
    return { is: 'mailboxes', mailboxes };
  }
  return { is: 'generated', items: whole('generate', values.generate, DEFAULT_ITEMS) };
};

const mailboxOf = (
  text: string,
  from: string,
): { readonly userPrincipalName: string; readonly primary: string; readonly archive?: string } => {
  const match = /^([^=\s]+@[^=\s]+)=([^,]+)(?:,([^,]+))?$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new UsageError(`--mailbox must be UPN=primary.pst or UPN=primary.pst,archive.pst; found "${text}".`);
  return {
    userPrincipalName: match[1],
    primary: resolve(from, match[2]),
    ...(match[3] === undefined ? {} : { archive: resolve(from, match[3]) }),
  };
};

const whole = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  if (!/^\d{1,8}$/.test(text)) throw new UsageError(`--${name} must be a whole number; found "${text}".`);
  return Number(text);
};

const outOf = (path: string): string => {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined && !isDirectory(path))
    throw new UsageError(`--out must be a directory; ${path} is a file. Give another path.`);
  return path;
};

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const OPTIONS = {
  tenant: { type: 'string' },
  mailbox: { type: 'string', multiple: true },
  generate: { type: 'string' },
  out: { type: 'string' },
  'part-size': { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'boolean' },
  keep: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parseArgs<{ args: string[]; options: typeof OPTIONS; strict: true; allowPositionals: false }>>['values'];

const parse = (args: readonly string[]): Values => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The arguments cannot be read.');
  }
};
