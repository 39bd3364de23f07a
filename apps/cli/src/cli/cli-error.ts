import { EXIT, type ExitCode } from './exit-codes.js';

/** Ends a command: what happened, why, and a command to try. `lines` come before, one fault each. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly what: string;
  readonly why: string;
  readonly advice: string;
  readonly lines: readonly string[];
  /** What `--json` prints under `error`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    exitCode: ExitCode,
    told: { what: string; why: string; advice: string; lines?: readonly string[]; details?: Readonly<Record<string, unknown>> },
  ) {
    super(told.what);
    this.exitCode = exitCode;
    this.what = told.what;
    this.why = told.why;
    this.advice = told.advice;
    this.lines = told.lines ?? [];
    this.details = told.details ?? {};
  }

  /** The same, with the fields at fault named as whoever typed the command knows them. */
  renamed(nameOf: (column: string) => string): CliError {
    const { exitCode, what, why, advice, details } = this;
    const lines = this.lines.map((line) =>
      line.replace(/^((?:row \d+, )?)([\w.]+)(?=: )/, (_, row: string, column: string) => row + nameOf(column)),
    );
    return new CliError(exitCode, { what, why, advice, lines, details });
  }
}

/** Advice that stands for the help on the command that was given, and for that command itself. */
export const ITS_HELP = '(its help)';
export const AGAIN = '(again)';

/** Wrong arguments: exit 2. */
export const usageError = (why: string, advice: string = ITS_HELP): CliError =>
  new CliError(EXIT.usage, { what: 'The command cannot be understood.', why, advice, details: { code: 'cli.usage' } });

/** The three lines of an error, and what comes before them. */
export const errorText = ({ lines, what, why }: CliError, advice: string): string =>
  `${[...lines, `Error: ${what}`, why, `Try: ${advice}`].join('\n')}\n`;

/** What to try, as a command. Of the command that was given only noun and verb are repeated: arguments may be private. */
export const adviceFor = ({ advice }: CliError, argv: readonly string[]): string => {
  const words = argv.slice(0, 2).filter((word) => /^[a-z][a-z-]*$/.test(word));
  if (advice === ITS_HELP) return ['pstream', ...words, '--help'].join(' ');
  return advice === AGAIN ? ['pstream', ...words, '…'].join(' ') : advice;
};
