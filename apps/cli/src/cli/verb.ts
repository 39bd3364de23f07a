import type { z } from 'zod';
import type { Cli } from './cli.js';
import type { ExitCode } from './exit-codes.js';

/** How an option is written, and what it is for: `--quantity <n>`. */
export type Flag = readonly [flags: string, about: string];

/** One command of a noun. Options are checked by their schema; an empty `verb` makes a command of the noun itself. */
export type Verb = {
  /** One word, or two for a verb within a group: `views list`. */
  readonly verb: string;
  readonly about: string;
  /** As commander writes them: `<project> [mailboxes...]`. */
  readonly args?: string;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly options: z.ZodObject;
  run(cli: Cli, args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<ExitCode | void>;
};

/** Ties the options of a command to their schema. */
export const verb = <S extends z.ZodObject>(spec: {
  readonly verb: string;
  readonly about: string;
  readonly args?: string;
  readonly flags: Readonly<Record<keyof z.infer<S>, Flag>>;
  readonly options: S;
  readonly run: (cli: Cli, args: readonly string[], options: z.infer<S>) => Promise<ExitCode | void>;
}): Verb => spec;

/** What a noun's module exports. */
export type Noun = { readonly verbs: readonly Verb[] };
