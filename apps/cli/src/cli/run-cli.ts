import { isFault } from '@pstream/kernel';
import { AGAIN, adviceFor, CliError, errorText, usageError } from './cli-error.js';
import type { CliPorts } from './cli.js';
import { isCommanderError } from './commander-error.js';
import { EXIT, EXIT_CODES, type ExitCode } from './exit-codes.js';
import { NOUNS, type NounEntry } from './nouns.js';

/** The version that `pstream --version` prints. */
export const CLI_VERSION = '0.1.0';

/** Runs one command line, without the program's own name, and returns the exit code. Loads what this command needs and no more. */
export const runCli = async (argv: readonly string[], ports: CliPorts): Promise<ExitCode> => {
  try {
    return await run(argv, ports);
  } catch (error) {
    const told = asCliError(error, ports.signal);
    const advice = adviceFor(told, argv);
    if (argv.includes('--json'))
      ports.stdout.write(
        `${JSON.stringify({ ...(argv.includes('watch') ? { type: 'error' } : {}), error: { what: told.what, why: told.why, try: advice, ...told.details }, exitCode: told.exitCode })}\n`,
      );
    ports.stderr.write(errorText(told, advice));
    return told.exitCode;
  }
};

const run = async (argv: readonly string[], ports: CliPorts): Promise<ExitCode> => {
  const [first, second] = argv;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help')
    return help(second !== undefined && first === 'help' ? argv.slice(1) : [], first !== undefined, ports);
  if (first === '--version' || first === '-V') return print(ports, `${CLI_VERSION}\n`);
  const entry = NOUNS.find(({ name }) => name === first);
  if (entry === undefined)
    throw usageError(first.startsWith('-') ? `${first} is not known here.` : `There is no noun "${first}".`, 'pstream --help');
  return runNoun(entry, argv, ports);
};

/** Nest and the commands' own modules take most of the start; help and version need neither. */
const runNoun = async (entry: NounEntry, argv: readonly string[], ports: CliPorts): Promise<ExitCode> =>
  (await import('./run-noun.js')).runNoun(entry, argv, ports);

const help = async (topic: readonly string[], asked: boolean, ports: CliPorts): Promise<ExitCode> => {
  if (topic[0] === 'exit-codes') {
    if (topic.includes('--json')) return print(ports, `${JSON.stringify({ exitCodes: EXIT_CODES })}\n`);
    const { tableText } = await import('@pstream/terminal');
    const rows = EXIT_CODES.map(({ code, means }) => [String(code), means]);
    return print(ports, `${tableText(['Code', 'Meaning'], rows, ports.stdout.columns)}\n`);
  }
  const entry = NOUNS.find(({ name }) => name === topic[0]);
  if (entry !== undefined) return runNoun(entry, [entry.name, ...topic.slice(1), '--help'], ports);
  if (topic[0] !== undefined && topic[0] !== '--json') throw usageError(`There is no help on "${topic[0]}".`, 'pstream help');
  const text = [
    'Usage: pstream <noun> <verb> [arguments] [options]',
    '',
    ...NOUNS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`),
    '',
    'pstream <noun> --help   lists the verbs of a noun',
    'pstream help exit-codes explains the exit codes',
    '',
  ].join('\n');
  if (asked) return print(ports, text);
  ports.stderr.write(text);
  return EXIT.usage;
};

const print = (ports: CliPorts, text: string): ExitCode => {
  ports.stdout.write(text);
  return EXIT.done;
};

const asCliError = (error: unknown, signal: AbortSignal): CliError => {
  if (error instanceof CliError) return error;
  if (signal.aborted)
    return new CliError(EXIT.interrupted, {
      what: 'Interrupted.',
      why: 'The command was ended by Ctrl+C.',
      advice: AGAIN,
      details: { code: 'cli.interrupted' },
    });
  if (isCommanderError(error))
    return usageError(
      error.message
        .replace(/^error: /, '')
        .replace(/^(.)/, (letter) => letter.toUpperCase())
        .replace(/\.?$/, '.'),
    );
  if (isFault(error))
    return new CliError(EXIT.failed, {
      what: `Failed: ${error.code}.`,
      why: error.advice ?? 'The outside world did not do what was asked of it.',
      advice: error.code.startsWith('pst.') ? 'pstream pst verify FILE' : AGAIN,
      details: { code: error.code, facts: error.facts },
    });
  return new CliError(EXIT.failed, {
    what: 'Something went wrong in pstream itself.',
    why: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    advice: AGAIN,
    details: { code: 'cli.failed' },
  });
};
