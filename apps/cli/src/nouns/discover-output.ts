import { isFault } from '@pstream/kernel';
import { CliError, ITS_HELP } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import { plain } from '../output/output.js';

/** How often each reason was met: `ost ×2, damaged ×1`. */
export const talliesOf = (skip: Readonly<Record<string, number>>): string =>
  Object.entries(skip)
    .map(([reason, times]) => `${reason} ×${times}`)
    .join(', ') || '0';

/** Facts that say where. */
const PLACES = ['file', 'root', 'row', 'rows', 'columns', 'reason'];
const USAGE = /^(?:scan|map|plan|journal)\./;

/** A Fault of a scan, a map or a plan in the words of the command line; wrong arguments where it is one of these. */
export const discoverError = (error: unknown): unknown => {
  if (!isFault(error) || !(USAGE.test(error.code) || error.code === 'storage.full')) return error;
  const where = PLACES.flatMap((name) => (error.facts[name] === undefined ? [] : [`${name} ${[error.facts[name]].flat().join('; ')}`]));
  return new CliError(error.code === 'storage.full' ? EXIT.failed : EXIT.usage, {
    what: plain(`${error.code}: ${where.join(', ')}.`, '\uFFFD'),
    why: error.advice ?? '',
    advice: ITS_HELP,
    details: { code: error.code, facts: error.facts },
  });
};
