import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { clientOf, type Client } from '../http/client.js';
import { Output } from '../output/output.js';
import type { Cli, CliPorts } from './cli.js';
import { isCommanderError } from './commander-error.js';
import { readCliConfig } from './config.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { NounEntry } from './nouns.js';

/** Runs a command of one noun; loads that noun alone. Returns the exit code. */
export const runNoun = async (entry: NounEntry, argv: readonly string[], ports: CliPorts): Promise<ExitCode> => {
  const [{ verbs }, config, { CommandFactory, CommandRunnerService, nounClasses, Session }] = await Promise.all([
    entry.load(),
    readCliConfig(ports.environment),
    // nest-commander is CommonJS that requires Nest, so it is loaded when Nest is.
    import('./command.js'),
  ]);
  let client: Client | undefined;
  const session = new Session(
    (json: boolean): Cli => ({
      ...ports,
      config,
      json,
      out: new Output(ports.stdout, json),
      client: () => (client ??= clientOf(config, ports)),
    }),
  );

  @Module({ providers: [{ provide: Session, useValue: session }, ...nounClasses(entry.name, entry.about, verbs)] })
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
  return session.exitCode ?? EXIT.done;
};
