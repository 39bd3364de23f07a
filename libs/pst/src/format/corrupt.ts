import { Fault, type Facts } from '@pstream/kernel';

/** Where a structure is broken: the specification's name of the field, and ids as numbers. */
export type Place = {
  readonly ib?: number;
  readonly bid?: number;
  readonly nid?: number;
  readonly hid?: number;
  readonly tag?: number;
  readonly expected?: number | string;
  readonly actual?: number | string;
};

const shown = (value: number | string): string => (typeof value === 'string' ? value : `0x${value.toString(16)}`);

/** A PST that breaks its format. `code` is `pst.<condition>`, `facts.field` names structure and field in the words of [MS-PST]
 *  (`BLOCKTRAILER/dwCRC`), with ib, bid, nid, expected and actual where they are known. Never retried: the bytes stay what they are. */
export class PstCorrupt extends Fault {
  readonly field: string;
  readonly place: Place;

  constructor(condition: string, field: string, place: Place = {}, cause?: unknown) {
    const facts: Facts = { field, ...place };
    const told = Object.entries(place).map(([key, value]) => `${key} ${shown(value)}`);
    super(`pst.${condition}`, {
      message: [`pst.${condition}: ${field}`, ...told].join(', '),
      retry: 'never',
      facts,
      advice: 'Compare the SHA-256 of the file with the one recorded for it; if they differ, fetch or build the file again.',
      ...(cause === undefined ? {} : { cause }),
    });
    this.field = field;
    this.place = place;
  }
}

/** Something found wrong, as plain data: code, where it is, and what was expected and found if that can be said. */
export type Problem = {
  readonly code: string;
  readonly where: string;
  readonly expected?: number | string;
  readonly actual?: number | string;
};

/** The problem an error stands for; `context` says which object was being read. */
export const problemOf = (error: PstCorrupt, context?: string): Problem => {
  const { expected, actual, ...ids } = error.place;
  const where = [context, error.field, ...Object.entries(ids).map(([key, value]) => `${key} ${shown(value)}`)]
    .filter((part) => part !== undefined)
    .join(' ');
  return { code: error.code, where, ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) };
};
