import type { Type } from '@nestjs/common';
import { Command, CommandRunner, Option, SubCommand } from 'nest-commander';
import type { z } from 'zod';
import { CliError, usageError } from './cli-error.js';
import type { Cli } from './cli.js';
import type { ExitCode } from './exit-codes.js';
import type { Verb } from './verb.js';

export { CommandFactory, CommandRunnerService } from 'nest-commander';

type Commander = Parameters<CommandRunner['setCommand']>[0];

/** Columns that a description in a help text has at least, or else it is not wrapped. */
const NARROWEST_HELP = 20;

/** How a run ended; nest-commander itself has no exit codes. */
export type Outcome = { exitCode: ExitCode | undefined };

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

/** The nest-commander classes of one noun: a group and a class for each verb, or one class for a noun without verbs. A verb of two words
 *  (`views list`) makes a group of the verbs with the same first word. */
export const commandClasses = (
  noun: string,
  about: string,
  verbs: readonly Verb[],
  cliFor: (json: boolean) => Cli,
  outcome: Outcome,
): Type[] => {
  const classOf = (spec: Verb): Type => verbClass(noun, spec, cliFor, outcome);
  if (verbs.every(({ verb }) => verb === '')) return verbs.map(classOf);

  const plainVerbs = verbs.filter(({ verb }) => !verb.includes(' '));
  const groups = [...Map.groupBy(verbs, ({ verb }) => verb.split(' ', 1)[0] ?? '')].filter(([, [first]]) => first?.verb.includes(' '));
  const made = plainVerbs.map(classOf);
  const below: Type[] = [];
  for (const [word, members] of groups) {
    const classes = members.map(classOf);
    const group = groupClass(
      `${noun} ${word}`,
      members.map(({ verb }) => verb.slice(word.length + 1)),
    );
    SubCommand({
      name: word,
      description: `Verbs: ${members.map(({ verb }) => verb.slice(word.length + 1)).join(', ')}`,
      ...GROUP,
      subCommands: classes,
    })(group);
    made.push(group);
    below.push(...classes);
  }
  const top = groupClass(noun, [...plainVerbs.map(({ verb }) => verb), ...groups.map(([word]) => word)]);
  Command({ name: noun, description: about, ...GROUP, subCommands: made })(top);
  return [top, ...made, ...below];
};

/** Whatever is no verb reaches `run` of the group, which says what there is. */
const GROUP = { arguments: '[verb...]', allowUnknownOptions: true };

const groupClass = (path: string, known: readonly string[]): Type<CommandRunner> => {
  class Group extends Runner {
    run([given]: readonly string[]): Promise<void> {
      const list = known.join(', ');
      const why = given === undefined ? `${path} needs a verb: ${list}.` : `${path} has no verb "${given}"; it has ${list}.`;
      return Promise.reject(usageError(why, `pstream ${path} --help`));
    }
  }
  named(Group, `${path} group`);
  return Group;
};

const verbClass = (noun: string, spec: Verb, cliFor: (json: boolean) => Cli, outcome: Outcome): Type<CommandRunner> => {
  class VerbCommand extends Runner {
    async run(params: string[], given: Readonly<Record<string, unknown>> = {}): Promise<void> {
      const { json, ...options } = given;
      const checked = checkedOptions(spec, options);
      outcome.exitCode =
        (await spec.run(cliFor(json === true), params, checked).catch((error: unknown) => {
          throw error instanceof CliError ? error.renamed((column) => optionOf(spec, column)) : error;
        })) ?? undefined;
    }
  }
  named(VerbCommand, `${noun} ${spec.verb}`);
  const meta = { description: spec.about, ...(spec.args === undefined ? {} : { arguments: spec.args }) };
  if (spec.verb === '') Command({ name: noun, ...meta })(VerbCommand);
  else SubCommand({ name: spec.verb.split(' ').at(-1) ?? '', ...meta })(VerbCommand);
  const flags = { ...spec.flags, json: ['--json', 'Print one JSON object'] as const };
  for (const [name, [text, description]] of Object.entries(flags)) {
    // Values are taken as they are and checked together afterwards: commander does not enforce choices of options with a parser.
    // A flag that may be given more than once collects its values.
    const collect = (value: string, before: unknown): string[] => [...(Array.isArray(before) ? (before as string[]) : []), value];
    const descriptor = {
      value: text.includes('...') ? collect : (value: string | undefined) => value ?? !text.startsWith('--no-'),
      configurable: true,
      writable: true,
      enumerable: false,
    };
    Object.defineProperty(VerbCommand.prototype, `option ${name}`, descriptor);
    Option({ flags: text, description })(
      VerbCommand.prototype,
      `option ${name}`,
      Object.getOwnPropertyDescriptor(VerbCommand.prototype, `option ${name}`) as PropertyDescriptor,
    );
  }
  return VerbCommand;
};

/** nest-commander tells classes apart by their names. */
const named = (type: object, name: string): void => void Object.defineProperty(type, 'name', { value: name });

const checkedOptions = (spec: Verb, options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const parsed = spec.options.safeParse(options);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues.map((issue) => `${flagOf(spec, issue)}: ${wanted(issue, options)}`).join(' ');
  throw usageError(why);
};

/** Fields of requests whose option has another name. */
const OPTIONS: Readonly<Record<string, string>> = {
  value: 'secretFile',
  thumbprintSha256: 'certificateSha256',
  partBytes: 'partSize',
  path: 'folder',
  expiresInDays: 'days',
};

/** The option or argument that fills a field of a request: `options.folderFilter.1` is `--folder-filter`. Other fields keep their names. */
const optionOf = ({ flags, args = '' }: Verb, column: string): string => {
  for (const part of column.split('.').toReversed()) {
    const flag = flags[OPTIONS[part] ?? part]?.[0].split(' ')[0];
    if (flag !== undefined) return flag;
    if (args.split(' ').includes(`<${part}>`)) return `<${part}>`;
  }
  return column;
};

const flagOf = (spec: Verb, { path }: z.core.$ZodIssue): string => spec.flags[String(path[0])]?.[0].split(' ')[0] ?? String(path[0] ?? '');

const wanted = ({ path, message }: z.core.$ZodIssue, options: Readonly<Record<string, unknown>>): string =>
  options[String(path[0])] === undefined ? 'This option is needed.' : message;
