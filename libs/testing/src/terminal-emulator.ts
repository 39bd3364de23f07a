import type { Terminal } from '@xterm/headless';

/** A terminal as a person sees it, fed with what a program writes. */
export class TerminalEmulator {
  readonly isTTY = true;
  readonly #terminal: Terminal;

  private constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** `convertEol` stands for the line discipline of a real terminal, which makes CR LF of each LF. */
  static async open(columns: number, rows: number, { convertEol = true } = {}): Promise<TerminalEmulator> {
    const { default: xterm } = await import('@xterm/headless');
    return new TerminalEmulator(new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol, scrollback: 10_000 }));
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  write(text: string): boolean {
    this.#terminal.write(text);
    return true;
  }

  /** Changes the width when all that was written is shown; lines that no longer fit are wrapped. */
  resize(columns: number): Promise<void> {
    return this.#settled(() => this.#terminal.resize(columns, this.rows));
  }

  /** The lines that can be seen or scrolled to, without blank ones at the end. */
  async lines(): Promise<string[]> {
    await this.#settled(() => undefined);
    const { active } = this.#terminal.buffer;
    const all = Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? '');
    return all.slice(0, all.findLastIndex((line) => line !== '') + 1);
  }

  /** Writes are taken in order, and later. */
  #settled(then: () => void): Promise<void> {
    return new Promise((resolve) => this.#terminal.write('', () => resolve(then())));
  }
}
