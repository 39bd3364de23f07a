import 'reflect-metadata';
import { Inject, type Type } from '@nestjs/common';
import { Command as NestCommand, CommandRunner, Option as NestOption, SubCommand } from 'nest-commander';
import type { Client } from '../http/client.js';
import type { Output } from '../output/output.js';
import { CliError, usageError } from './cli-error.js';
import type { Cli } from './cli.js';
import type { ExitCode } from './exit-codes.js';
import { checkedOptions, typedName, type Given, type Options } from './option.js';

export { CommandFactory, CommandRunnerService } from 'nest-commander';

type Commander = Parameters<CommandRunner['setCommand']>[0];

/** Columns that a description in a help text has at least, or else it is not wrapped. */
const NARROWEST_HELP = 20;

/** Commander would end the process itself, with 1; here it throws, and the caller decides. */
abstract class Runner extends CommandRunner {
  override setCommand(command: Commander): this {
    command.exitOverride();
    command.addHelpCommand(false);
    command.allowExcessArguments(false);
    // Commander does not wrap a description that would have less than 40 columns, and so never at 60.
    const help = command.createHelp();
    command.configureHelp({
      wrap: (text, width, indent) => help.wrap(text, width, indent, NARROWEST_HELP),
      // Arguments are in the help of the verb itself; here they would leave no room for what it does.
      subcommandTerm: (verb) => verb.name(),
    });
    return super.setCommand(command);
  }
}

/** One run of the program: what its verb works with, and how it ended; nest-commander itself has no exit codes. */
export class Session {
  exitCode: ExitCode | undefined;
  readonly cliFor: (json: boolean) => Cli;

  constructor(cliFor: (json: boolean) => Cli) {
    this.cliFor = cliFor;
  }
}

/** The arguments of a verb, in their order. */
export type Args = readonly string[];

/** What every verb is: a class that `@Verb` names, with its options in a static `options` and its work in `execute`. */
export abstract class Command extends Runner {
  @Inject(Session) private readonly session!: Session;
  protected cli!: Cli;

  /** Does the work. Returns the exit code, if it is another one than 0. Options are checked; `--json` is in `cli`. */
  abstract execute(args: Args, options: never): Promise<ExitCode | void>;

  protected get client(): Client {
    return this.cli.client();
  }

  protected get out(): Output {
    return this.cli.out;
  }

  /** What nest-commander calls. */
  async run(args: string[], { json, ...given }: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { options, args: known } = verbOf(this.constructor);
    this.cli = this.session.cliFor(json === true);
    const checked = checkedOptions(options, given);
    try {
      this.session.exitCode = (await this.execute(args, checked as never)) ?? undefined;
    } catch (error) {
      throw error instanceof CliError ? error.renamed((column) => typedName(options, known, column)) : error;
    }
  }
}

/** A word that verbs follow: a noun, or a group of verbs within one. What is none of its verbs reaches `run`, which says what there is. */
export abstract class VerbGroup extends Runner {
  run([given]: readonly string[]): Promise<void> {
    const path = pathOf(this.command);
    const list = membersOf(this.constructor).map(nameOf).join(', ');
    const why = given === undefined ? `${path} needs a verb: ${list}.` : `${path} has no verb "${given}"; it has ${list}.`;
    return Promise.reject(usageError(why, `pstream ${path} --help`));
  }
}

/** The words that lead to a command, without the name of the program. */
const pathOf = (command: Commander): string => {
  const { parent } = command;
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name();
};

/** What `@Verb` says of a class, with its options. */
type Described = { readonly name: string; readonly about: string; readonly args: string; readonly options: Options };

const described = new WeakMap<object, Described>();
const groups = new WeakMap<object, { readonly name: string; readonly members: readonly CommandType[] }>();

/** A class that `@Verb` or `@Verbs` describes. */
export type CommandType = Type<Command | VerbGroup>;

/** A class whose `execute` takes what its options say. */
type VerbType<O extends Options> = { readonly options?: O } & (new () => Command & {
  readonly execute: (args: Args, options: Given<O>) => Promise<ExitCode | void>;
});

/** Makes a class a verb. `args` is as commander writes them: `<project> [mailboxes...]`; a class with an empty name is the noun itself. */
export const Verb =
  ({ name, about, args = '' }: { readonly name: string; readonly about: string; readonly args?: string }) =>
  <O extends Options = Record<never, never>>(type: VerbType<O>): void => {
    const options: Options = type.options ?? {};
    described.set(type, { name, about, args, options });
    SubCommand({ name, description: about, ...(args === '' ? {} : { arguments: args }) })(type);
    for (const [key, { flags, about: meaning }] of Object.entries(options)) addOption(type, key, flags, meaning);
    addOption(type, 'json', '--json', 'Print one JSON object');
  };

/** Values are taken as they are and checked together afterwards; a flag that may be given more than once collects its values. */
const addOption = (type: Type, key: string, flags: string, description: string): void => {
  const collect = (value: string, before: unknown): string[] => [...(Array.isArray(before) ? (before as string[]) : []), value];
  const take = (value: string | undefined): string | boolean => value ?? !flags.startsWith('--no-');
  const descriptor = { value: flags.includes('...') ? collect : take, configurable: true, writable: true, enumerable: false };
  Object.defineProperty(type.prototype, `option ${key}`, descriptor);
  NestOption({ flags, description })(type.prototype as object, `option ${key}`, descriptor);
};

/** Makes a class a group of verbs: `views list` and `views rebuild` are verbs of the group `views`. */
export const Verbs =
  (name: string, members: readonly CommandType[]) =>
  (type: Type<VerbGroup>): void => {
    groups.set(type, { name, members });
    SubCommand({ name, description: `Verbs: ${members.map(nameOf).join(', ')}`, ...GROUP, subCommands: [...members] })(type);
  };

const GROUP = { arguments: '[verb...]', allowUnknownOptions: true };

/** The classes of a noun for nest-commander, the noun itself first. */
export const nounClasses = (name: string, about: string, members: readonly CommandType[]): Type[] => {
  const [only] = members;
  if (only !== undefined && nameOf(only) === '') {
    const { about: description, args } = verbOf(only);
    NestCommand({ name, description, ...(args === '' ? {} : { arguments: args }) })(only);
    return [only];
  }
  class Noun extends VerbGroup {}
  groups.set(Noun, { name, members });
  NestCommand({ name, description: about, ...GROUP, subCommands: [...members] })(Noun);
  return [Noun, ...members.flatMap((member) => [member, ...membersOf(member)])];
};

/** Every verb of a noun with the words that call it: `views list`. */
export const verbsOf = (members: readonly CommandType[]): readonly Described[] =>
  members.flatMap((member) => {
    const group = groups.get(member);
    if (group === undefined) return [verbOf(member)];
    return verbsOf(group.members).map((verb) => ({ ...verb, name: `${group.name} ${verb.name}` }));
  });

const membersOf = (type: object): readonly CommandType[] => groups.get(type)?.members ?? [];

const verbOf = (type: { readonly name: string }): Described => {
  const found = described.get(type);
  if (found === undefined) throw new TypeError(`${type.name} has no @Verb`);
  return found;
};

const nameOf = (type: CommandType): string => groups.get(type)?.name ?? verbOf(type).name;
