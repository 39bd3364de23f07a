import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Fault } from '@pstream/kernel';

/** What every fault of a dump says: the file, the line where there is one, and what to do. */
export const damaged = (file: string, line: number | undefined, what: string, cause?: unknown): Fault =>
  new Fault('dump.damaged', {
    message: `${file}${line === undefined ? '' : `, line ${line}`}: ${what}`,
    retry: 'never',
    facts: { file, ...(line === undefined ? {} : { line }) },
    advice: 'Make the dump again with tools/mktenant.py, or restore the file from its origin.',
    ...(cause === undefined ? {} : { cause }),
  });

/** A file that cannot be opened. */
export const unreadable = (file: string, cause: unknown): Fault =>
  new Fault('dump.unreadable', {
    message: `${file}: ${cause instanceof Error ? cause.message : 'cannot be read'}`,
    retry: 'never',
    facts: { file },
    advice: 'Give the directory that holds tenant.json, and check that it may be read.',
    cause,
  });

/** A JSON object whose members are read with a check each; every complaint names file and line. */
export class Fields {
  constructor(
    private readonly record: Readonly<Record<string, unknown>>,
    private readonly file: string,
    readonly line?: number,
  ) {}

  /** A text; must be there. */
  text(name: string): string {
    const value = this.record[name];
    if (typeof value !== 'string') throw this.wrong(name, 'a text', value);
    return value;
  }

  /** A text or null; absent counts as null. */
  textOrNull(name: string): string | null {
    return this.record[name] === null || this.record[name] === undefined ? null : this.text(name);
  }

  /** A whole number, not negative. */
  count(name: string): number {
    const value = this.record[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw this.wrong(name, 'a whole number', value);
    return value;
  }

  /** True or false; absent counts as false. */
  flag(name: string): boolean {
    const value = this.record[name] ?? false;
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false', value);
    return value;
  }

  /** An object within. */
  inner(name: string): Fields {
    const value = this.record[name];
    if (!isRecord(value)) throw this.wrong(name, 'an object', value);
    return new Fields(value, this.file, this.line);
  }

  /** A list of objects. */
  list(name: string): readonly Fields[] {
    const value = this.record[name];
    if (!Array.isArray(value)) throw this.wrong(name, 'a list', value);
    return value.map((each: unknown) => {
      if (!isRecord(each)) throw this.wrong(name, 'a list of objects', each);
      return new Fields(each, this.file, this.line);
    });
  }

  /** A complaint about this object. */
  complain(what: string): Fault {
    return damaged(this.file, this.line, what);
  }

  private wrong(name: string, expected: string, actual: unknown): Fault {
    return damaged(this.file, this.line, `"${name}" must be ${expected}, not ${actual === undefined ? 'missing' : typeof actual}`);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses one JSON object. */
export const parseFields = (text: string, file: string, line?: number): Fields => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, line, 'is not valid JSON', cause);
  }
  if (!isRecord(value)) throw damaged(file, line, 'is not a JSON object');
  return new Fields(value, file, line);
};

/** The objects of a file with one JSON object a line; empty lines are passed over. Faults `dump.unreadable`, `dump.damaged`. */
export async function* readJsonLines(file: string): AsyncGenerator<Fields> {
  const input = createReadStream(file, { encoding: 'utf8' });
  const opened = new Promise<void>((resolve, reject) => {
    input.once('open', () => resolve());
    input.once('error', reject);
  });
  try {
    await opened;
  } catch (cause) {
    throw unreadable(file, cause);
  }
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line++;
    if (text.trim() !== '') yield parseFields(text, file, line);
  }
}
