import { TerminalEmulator } from './terminal-emulator.js';

/** A program that runs in a pseudo-terminal. */
export type PseudoTerminal = {
  /** What a person sees. */
  readonly screen: TerminalEmulator;
  /** Everything that was written, with its escape codes. */
  raw(): string;
  press(keys: string): void;
  resize(columns: number): Promise<void>;
  /** As a shell tells it: 128 and the signal's number for a program that a signal ended. */
  readonly ended: Promise<{ readonly exitCode: number }>;
};

export const CTRL_C = '\u0003';

/** Starts a program in a pseudo-terminal of its own. `environment` replaces that of this process. */
export const inTerminal = async (
  file: string,
  args: readonly string[],
  { columns, cwd, environment }: { readonly columns: number; readonly cwd: string; readonly environment: Readonly<Record<string, string>> },
): Promise<PseudoTerminal> => {
  const rows = 24;
  const [{ default: pty }, screen] = await Promise.all([
    import('@lydell/node-pty'),
    TerminalEmulator.open(columns, rows, { convertEol: false }),
  ]);
  const program = pty.spawn(file, [...args], { cols: columns, rows, cwd, name: environment['TERM'] ?? 'xterm', env: { ...environment } });
  let raw = '';
  program.onData((text) => {
    raw += text;
    screen.write(text);
  });
  return {
    screen,
    raw: () => raw,
    press: (keys) => program.write(keys),
    resize: async (to) => {
      await screen.resize(to);
      program.resize(to, rows);
    },
    ended: new Promise((resolve) =>
      program.onExit(({ exitCode, signal = 0 }) => resolve({ exitCode: signal === 0 ? exitCode : 128 + signal })),
    ),
  };
};
