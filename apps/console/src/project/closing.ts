import type { AnswerOf } from '../api/answers.js';

type Row = Pick<AnswerOf<'listOperationRows'>['items'][number], 'source' | 'parts'>;
type Part = NonNullable<Row['parts']>[number];

/** A line of the end statement: a PST, and the mailbox that it is of. */
export type StatementLine = Part & { readonly source: string };

/** What can become of a PST, in the order in which it is summed up. */
const OUTCOMES = ['deleted', 'would-delete', 'gone', 'kept'] as const satisfies readonly Part['is'][];
export type Sum = { readonly is: Part['is']; readonly parts: number; readonly bytes: number };

/** The end statement: what becomes of each PST. Those that stay for a reason come first, since somebody has to look at them. */
export const linesOf = (rows: readonly Row[]): readonly StatementLine[] => {
  const lines = rows.flatMap(({ source, parts }) => (parts ?? []).map((part) => ({ ...part, source })));
  return [...lines.filter(({ reason }) => reason !== null), ...lines.filter(({ reason }) => reason === null)];
};

/** How many PSTs become what, and their sizes; what none becomes is left out. */
export const sumsOf = (lines: readonly StatementLine[]): readonly Sum[] =>
  OUTCOMES.flatMap((is) => {
    const some = lines.filter((line) => line.is === is);
    return some.length === 0 ? [] : [{ is, parts: some.length, bytes: some.reduce((sum, { bytes }) => sum + bytes, 0) }];
  });

/** The command that does the same. */
export const closeCommand = (projectId: string, parts: 'keep' | 'delete', dryRun: boolean): string =>
  `pstream project close ${projectId}${parts === 'delete' ? ' --delete-blobs' : ''} ${dryRun ? '--dry-run' : '--yes'}`;
