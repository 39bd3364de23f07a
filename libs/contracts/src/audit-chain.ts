// How a chain of records is written and checked. It runs in browsers too, so whoever checks brings the hashes.

/** What the first record of a chain names as the one before it. */
export const NO_RECORD = '0'.repeat(64);

/** A record as a line of an export: its text, with its hash as the last field. */
export const auditLine = ({ record, sha256 }: StoredAudit): string => `${record.slice(0, -1)},"sha256":"${sha256}"}`;

/** The inverse; undefined for what is no such line. */
export const readAuditLine = (line: string): StoredAudit | undefined => {
  const [, record, sha256] = /^(\{.*),"sha256":"([0-9a-f]{64})"\}$/s.exec(line) ?? [];
  return record === undefined || sha256 === undefined ? undefined : { record: `${record}}`, sha256 };
};

export type StoredAudit = { readonly record: string; readonly sha256: string };

/** A place where a chain is not as it was written. `seq` is the number that was expected there. */
export type ChainBreak = { readonly seq: number; readonly what: 'altered' | 'missing' | 'out-of-order' | 'not-linked' | 'other-chain' };

/** What has been checked: how many records, the last one as `<number>:<hash>`, and every break. */
export type ChainReport = { readonly records: number; readonly head: string | null; readonly breaks: readonly ChainBreak[] };

type Link = { readonly chain: string; readonly seq: number; readonly previous: string };

/** Checks records in the order in which they are added. `from` is the number of the first one; a chain begins with 1. */
export class ChainCheck {
  #chain: string | undefined;
  #expected: number;
  #previous: string | undefined;
  #records = 0;
  #head: string | null = null;
  readonly #breaks: ChainBreak[] = [];
  readonly #heads = new Set<string>();
  readonly #wanted: string | undefined;

  /** `wanted` is a head that was noted before: it must be among the records. */
  constructor(from = 1, wanted?: string) {
    this.#expected = from;
    this.#previous = from === 1 ? NO_RECORD : undefined;
    this.#wanted = wanted;
  }

  /** `hash` is the SHA-256 of the record's text, computed by whoever checks. */
  add({ record, sha256 }: StoredAudit, hash: string): void {
    const broken = (what: ChainBreak['what']): number => this.#breaks.push({ seq: this.#expected, what });
    this.#records += 1;
    const link = linkOf(record);
    if (link === undefined || hash !== sha256) broken('altered');
    else {
      if (link.seq > this.#expected) broken('missing');
      else if (link.seq < this.#expected) broken('out-of-order');
      else if (this.#previous !== undefined && link.previous !== this.#previous) broken('not-linked');
      if (this.#chain !== undefined && link.chain !== this.#chain) broken('other-chain');
      this.#chain ??= link.chain;
    }
    this.#head = `${link?.seq ?? this.#expected}:${sha256}`;
    if (this.#head === this.#wanted) this.#heads.add(this.#head);
    this.#expected = (link?.seq ?? this.#expected) + 1;
    this.#previous = sha256;
  }

  /** The report; with a wanted head that was not met, a record is missing there. */
  report(): ChainReport {
    const lost = this.#wanted !== undefined && !this.#heads.has(this.#wanted);
    const breaks: readonly ChainBreak[] = lost
      ? [...this.#breaks, { seq: Number(this.#wanted.split(':')[0]), what: 'missing' }]
      : this.#breaks;
    return { records: this.#records, head: this.#head, breaks };
  }
}

const linkOf = (record: string): Link | undefined => {
  try {
    const value: unknown = JSON.parse(record);
    return isLink(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isLink = (value: unknown): value is Link => {
  if (typeof value !== 'object' || value === null) return false;
  const { chain, seq, previous } = value as Readonly<Record<string, unknown>>;
  return typeof chain === 'string' && typeof previous === 'string' && Number.isSafeInteger(seq) && (seq as number) > 0;
};
