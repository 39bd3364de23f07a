import {
  addByType,
  itemTypes,
  lessByType,
  listsMailbox,
  sumOfTypes,
  type ByType,
  type Counted,
  type ItemType,
  type OutcomeSums,
  type StatisticsView,
} from '@pstream/contracts';
import type { PassFacts, Span } from './facts.js';

/** What failed so far. `items` is what the status of the mailbox says; the kinds are null where a release that did not count them has taken
 *  part, `sized` says whether the bytes are those of these items. */
type Failed = { readonly types: ByType | null; readonly items: number; readonly sized: boolean };

/** The figures of a mailbox, worked out from the facts of its passes in the order in which these were started. */
export const sumsOf = (passes: readonly PassFacts[]): Omit<StatisticsView, 'mailboxJobId'> => {
  const all = passes.filter(({ kind }) => kind !== null).sort((a, b) => a.number - b.number);
  const started = all.filter(({ replaced }) => replaced !== true);
  const superseded = started.reduce((sum, pass) => addByType(sum, pass.superseded ?? {}), {} as ByType);
  const exported = onceEach(
    started.reduce((sum, { types }) => addByType(sum, types), {} as ByType),
    superseded,
  );
  const skipped = started.reduce((sum, pass) => addByType(sum, pass.skipped), {} as ByType);
  const failed = started.reduce(failedAfter, { types: {}, items: 0, sized: true } as Failed);
  const isTyped = started.every(countedByType);
  const items = started.reduce((sum, { sealed }) => sum + sealed, 0);
  const bytes = started.reduce<number | null>((sum, pass) => plus(sum, exportedBytes(pass)), 0);
  const bytesOf = (type: ItemType): OutcomeSums => ({
    exported: isTyped ? counted(exported, type) : UNKNOWN,
    failed: failed.types === null ? UNKNOWN : { ...counted(failed.types, type), ...(failed.sized ? {} : { bytes: null }) },
    skipped: counted(skipped, type),
  });
  return {
    migrations: all.length,
    types: Object.fromEntries(itemTypes.map((type) => [type, bytesOf(type)])) as StatisticsView['types'],
    total: {
      exported: { items: items - sumOfTypes(superseded).items, bytes },
      failed: { items: failed.items, bytes: failed.sized && failed.types !== null ? sumOfTypes(failed.types).bytes : null },
      skipped: sumOfTypes(skipped),
    },
    source: sourcePace(started),
    destination: {
      activeMs: started.reduce((sum, pass) => sum + timeIn(pass, pass.destination), 0),
      passiveMs: null,
      items,
      bytes,
    },
  };
};

/** Items count once, however many copies of them are in the PSTs; bytes are those of all copies. */
const onceEach = (exported: ByType, superseded: ByType): ByType => {
  const once = { ...exported };
  for (const type of itemTypes) {
    const [all, older] = [once[type], superseded[type]];
    if (all !== undefined && older !== undefined) once[type] = { items: all.items - older.items, bytes: all.bytes };
  }
  return once;
};

const UNKNOWN: Counted = { items: null, bytes: null };

const counted = (types: ByType, type: ItemType): Counted => types[type] ?? { items: 0, bytes: 0 };

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** Whether the sealed parts of a pass say of every item which kind it is. */
const countedByType = ({ types, sealed }: PassFacts): boolean => sumOfTypes(types).items === sealed;

/** Parts of earlier releases do not tell the bytes of their streams; the end of their build does. */
const exportedBytes = (pass: PassFacts): number | null => {
  if (countedByType(pass)) return sumOfTypes(pass.types).bytes;
  return pass.built?.items === pass.sealed ? pass.built.bytes : null;
};

/** A retry takes items out of the failures: those that it exported, and those that are gone. When it has ended, what failed in it is all that is
 *  left. Until then it is known how many are left, and not how large they are: sizes before and after an export differ. Items of folders that
 *  only the retry could list were no failures before it; as long as it is open nobody can tell which of the two an exported item was. */
const failedAfter = (before: Failed, pass: PassFacts): Failed => {
  const own = sumOfTypes(pass.failed).items;
  if (pass.kind === null || pass.kind === 'verify') return before;
  if (listsMailbox(pass.kind))
    return { types: before.types === null ? null : addByType(before.types, pass.failed), items: before.items + own, sized: before.sized };
  const gone = addByType(pass.types, pass.skipped);
  const moved = pass.sealed + sumOfTypes(pass.skipped).items;
  const items = Math.max(own, before.items - moved);
  if (pass.completed && own === items) return { types: pass.failed, items, sized: true };
  if (moved === 0 && items === before.items) return before;
  const left = before.types === null || !countedByType(pass) ? null : lessByType(before.types, gone);
  return { types: left !== null && addsUpTo(left, items) ? left : null, items, sized: false };
};

/** Not where items were exported that were no failures before. */
const addsUpTo = (types: ByType, items: number): boolean =>
  itemTypes.every((type) => counted(types, type).items! >= 0) && sumOfTypes(types).items === items;

/** Waits of several mailboxes of one archive may fall together, so that they never count for more than the time that went by. */
const sourcePace = (passes: readonly PassFacts[]): StatisticsView['source'] => {
  const pace = { activeMs: 0, passiveMs: 0, items: 0, bytes: 0 };
  for (const pass of passes) {
    const all = timeIn(pass, pass.source);
    const passive = Math.min(all, pass.waitedMs);
    pace.activeMs += all - passive;
    pace.passiveMs += passive;
    pace.items += pass.read.items;
    pace.bytes += pass.read.bytes;
  }
  return pace;
};

/** Milliseconds of a span in which the pass was under way. */
const timeIn = ({ runs }: PassFacts, span: Span | null): number => {
  if (span === null) return 0;
  const from = Date.parse(span.from);
  const to = Date.parse(span.to ?? span.from);
  return runs.reduce(
    (sum, run) => sum + Math.max(0, Math.min(to, run.to === null ? to : Date.parse(run.to)) - Math.max(from, Date.parse(run.from))),
    0,
  );
};
