import { nearest, type ConfigKeys } from '@pstream/wiring';

/** Arguments that cannot be used: what, where, what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Refuses arguments by name, with the variable that sets what was meant: processes are configured by their environment alone. Returns the
 *  text to print for --help, or undefined where there are no arguments. Throws UsageError; it never repeats a value, which may be a secret. */
export const readNoArguments = (name: string, given: readonly string[], keys: ConfigKeys): string | undefined => {
  if (given.length === 0) return undefined;
  if (given.some((argument) => argument === '--help' || argument === '-h')) return helpText(name, keys);
  const options = given.filter((argument) => argument.startsWith('-')).map((argument) => argument.split('=')[0]!);
  const variables = Object.values(keys).map(({ env }) => env);
  const lines = options.map((option) => {
    const meant = nearest(`PSTREAM_${option.replace(/^-+/, '').replaceAll('-', '_').toUpperCase()}`, variables);
    return `  ${option}: ${meant === undefined ? 'there is no such setting.' : `set the variable ${meant} instead.`}`;
  });
  throw new UsageError(
    [
      `${name} takes no arguments; its settings are environment variables.`,
      ...(lines.length > 0 ? lines : ['  Found words that are no options.']),
    ].join('\n'),
  );
};

const helpText = (name: string, keys: ConfigKeys): string => {
  const lines = Object.values(keys).map(({ env, schema }) => `  ${env}\n      ${schema.description ?? ''}`);
  return `${name} takes no arguments. Its settings are environment variables (docs/reference/configuration.md):\n\n${lines.join('\n')}\n`;
};
