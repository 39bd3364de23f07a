import { z } from 'zod';
import { usageError } from './cli-error.js';

/** An option of a verb: how it is written (`--quantity <n>`), what it is for, and what values it takes. */
export type Option<S extends z.ZodType = z.ZodType> = { readonly flags: string; readonly about: string; readonly schema: S };

/** The options of a verb by the names that `execute` knows them by. */
export type Options = Readonly<Record<string, Option>>;

/** The values of options, checked. */
export type Given<O extends Options> = z.infer<z.ZodObject<{ -readonly [K in keyof O]: O[K]['schema'] }>>;

/** Declares an option. A flag that ends in `...` takes several values, one that begins with `--no-` is true unless it is given. */
export const option = <S extends z.ZodType>(flags: string, about: string, schema: S): Option<S> => ({ flags, about, schema });

/** Checks all options together. CliError with exit 2 that names every option at fault. */
export const checkedOptions = (options: Options, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const schema = z.strictObject(Object.fromEntries(Object.entries(options).map(([name, one]) => [name, one.schema])));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw usageError(parsed.error.issues.map((issue) => `${flagOf(options, issue)}: ${wanted(issue, given)}`).join(' '));
};

/** Fields of requests whose option has another name. */
const OPTIONS: Readonly<Record<string, string>> = {
  value: 'secretFile',
  thumbprintSha256: 'certificateSha256',
  partBytes: 'partSize',
  path: 'folder',
  expiresInDays: 'days',
  to: 'mail',
  kinds: 'about',
  url: 'addressFile',
};

/** The option or argument that fills a field of a request: `options.folderFilter.1` is `--folder-filter`. Other fields keep their names. */
export const typedName = (options: Options, args: string, column: string): string => {
  for (const part of column.split('.').toReversed()) {
    const found = options[OPTIONS[part] ?? part];
    if (found !== undefined) return firstWord(found);
    if (args.split(' ').includes(`<${part}>`)) return `<${part}>`;
  }
  return column;
};

const firstWord = ({ flags }: Option): string => flags.split(' ', 1)[0] ?? flags;

const flagOf = (options: Options, { path: [name = ''] }: z.core.$ZodIssue): string => {
  const found = options[String(name)];
  return found === undefined ? String(name) : firstWord(found);
};

const wanted = ({ path, message }: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): string =>
  given[String(path[0])] === undefined ? 'This option is needed.' : message;
