import { z } from 'zod';
import type { Setting } from './variables.js';

/** What is wrong with the configuration: every problem, each with the key, what was expected and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** One key: its environment variable, its schema (with default and description), and whether its value is secret. */
export type ConfigKey<S extends z.ZodType = z.ZodType> = { readonly env: Setting; readonly schema: S; readonly secret?: boolean };
export type ConfigKeys = Readonly<Record<string, ConfigKey>>;
export type ConfigOf<K extends ConfigKeys> = { readonly [Name in keyof K]: z.infer<K[Name]['schema']> };

/** Reads and checks every key once; all problems are reported together. `given` (from a command line) wins over the
 *  environment. The result is frozen. Throws ConfigError. */
export const readConfig = <K extends ConfigKeys>(
  keys: K,
  environment: Readonly<Record<string, string | undefined>>,
  given: Partial<Record<keyof K, unknown>> = {},
): ConfigOf<K> => {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(keys)) {
    const raw = given[name as keyof K] ?? environment[key.env];
    const parsed = key.schema.safeParse(raw === '' ? undefined : raw);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${key.env}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}${key.secret === true || raw === undefined ? '' : `, found ${JSON.stringify(raw)}`}. ${key.schema.description ?? ''}`.trim(),
      );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as ConfigOf<K>;
};

/** Every key with the value in force and where it comes from; secrets are masked. */
export const explainConfig = <K extends ConfigKeys>(
  keys: K,
  environment: Readonly<Record<string, string | undefined>>,
  config: ConfigOf<K>,
): readonly { readonly key: string; readonly value: string; readonly origin: 'environment' | 'default'; readonly about: string }[] =>
  Object.entries(keys).map(([name, key]) => {
    const value = config[name as keyof K];
    return {
      key: key.env,
      value: value === undefined ? '' : key.secret === true ? '***' : String(value),
      origin: environment[key.env] === undefined ? 'default' : 'environment',
      about: key.schema.description ?? '',
    };
  });

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
};

/** Bytes from a size as people write it: `10GiB`, `512 MiB`, `1048576`. Undefined if it is none. */
export const parseSize = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = UNITS[match?.[2]?.toLowerCase() ?? 'none'];
  if (match?.[1] === undefined || unit === undefined) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
};

/** A size as configuration takes it: a number of bytes, or text with a unit. */
export const Size = z.union([z.number(), z.string()]).transform((value, context) => {
  const bytes = typeof value === 'number' ? value : parseSize(value);
  if (bytes === undefined) context.addIssue({ code: 'custom', message: 'expected a size such as 512MiB or 10GiB' });
  return bytes ?? 0;
});
