import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { isFault } from '@pstream/kernel';
import { Client } from '../http/client.js';
import { Output } from '../output/output.js';
import { AGAIN, adviceFor, CliError, errorText, usageError } from './cli-error.js';
import type { Cli, CliPorts } from './cli.js';
import { readCliConfig } from './config.js';
import { EXIT, EXIT_CODES, type ExitCode } from './exit-codes.js';
import { NOUNS, type NounEntry } from './nouns.js';

/** Version that `pstream --version` tells. */
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

const runNoun = async (entry: NounEntry, argv: readonly string[], ports: CliPorts): Promise<ExitCode> => {
  const [{ verbs }, { commandClasses }, { CommandFactory, CommandRunnerService }, config] = await Promise.all([
    entry.load(),
    import('./nest-commands.js'),
    import('nest-commander'),
    readCliConfig(ports.environment),
  ]);
  const outcome: { exitCode: ExitCode | undefined } = { exitCode: undefined };
  let client: Client | undefined;
  const cliFor = (json: boolean): Cli => ({
    ...ports,
    config,
    json,
    out: new Output(ports.stdout, json),
    client: () => (client ??= Client.of(config, ports)),
  });

  @Module({ providers: commandClasses(entry.name, entry.about, verbs, cliFor, outcome) })
  class CliModule {}

  const app = await CommandFactory.createWithoutRunning(CliModule, {
    logger: false,
    abortOnError: false,
    errorHandler: (error) => {
      throw error;
    },
    serviceErrorHandler: (error) => {
      throw error;
    },
    outputConfiguration: { writeOut: (text) => void ports.stdout.write(text), writeErr: () => undefined },
  });
  try {
    await app.get(CommandRunnerService).run(['node', 'pstream', ...argv]);
  } catch (error) {
    // Help that was asked for ends a command too.
    if (isCommanderError(error) && error.exitCode === 0) return EXIT.done;
    throw error;
  } finally {
    await app.close();
  }
  return outcome.exitCode ?? EXIT.done;
};

const help = (topic: readonly string[], asked: boolean, ports: CliPorts): Promise<ExitCode> | ExitCode => {
  if (topic[0] === 'exit-codes') {
    if (topic.includes('--json')) return print(ports, `${JSON.stringify({ exitCodes: EXIT_CODES })}\n`);
    return print(ports, EXIT_CODES.map(({ code, means }) => `${String(code).padStart(3)}  ${means}\n`).join(''));
  }
  const entry = NOUNS.find(({ name }) => name === topic[0]);
  if (entry !== undefined) return runNoun(entry, [entry.name, ...topic.slice(1), '--help'], ports);
  if (topic[0] !== undefined && topic[0] !== '--json') throw usageError(`There is no help on "${topic[0]}".`, 'pstream help');
  const text = [
    'Usage: pstream <noun> <verb> [arguments] [options]',
    '',
    ...NOUNS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`),
    '',
    'pstream <noun> --help lists the verbs of a noun; pstream help exit-codes explains the exit codes.',
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

type CommanderError = Error & { readonly code: string; readonly exitCode: number };
const isCommanderError = (error: unknown): error is CommanderError =>
  error instanceof Error && 'exitCode' in error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('commander.');

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
