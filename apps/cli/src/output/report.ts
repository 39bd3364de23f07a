import type { AnswerOf } from '@pstream/api';
import { amountOf } from '@pstream/kernel';
import type { Cli } from '../cli/cli.js';
import { count, size } from './format.js';

type Report = AnswerOf<'getProjectReport'>;

/** Prints the report of a project: one object, or the verdict, the sums and what is not covered as lines. */
export const printReport = async (cli: Cli, report: Report): Promise<void> => {
  const { verdict, sums, parts } = report;
  await cli.out.record(report, report, [
    { title: 'Project', exact: ({ project }) => project.name },
    { title: 'Customer', exact: ({ customer }) => customer },
    { title: 'Verdict', exact: () => verdict.sentence },
    { title: 'Mailboxes done', exact: () => verdict.done, human: () => `${count(verdict.done)} of ${count(sums.mailboxes)}` },
    { title: 'Discovered', exact: () => sums.totals.discovered, human: () => count(sums.totals.discovered) },
    { title: 'Exported', exact: () => sums.totals.exported, human: () => count(sums.totals.exported) },
    { title: 'Skipped', exact: () => sums.totals.skipped, human: () => count(sums.totals.skipped) },
    { title: 'Failed', exact: () => sums.totals.failed, human: () => count(sums.totals.failed) },
    { title: 'Still to account for', exact: () => sums.unaccounted, human: () => count(sums.unaccounted) },
    {
      title: 'PSTs',
      exact: () => parts.files,
      human: () => `${count(parts.files)}, ${size(parts.bytes)}; ${count(parts.verified)} verified${overLimit(parts.overLimit)}`,
    },
    ...report.causes.map(({ outcome, code, items, open }) => ({
      title: `Cause ${outcome}`,
      exact: () => `${code}: ${amountOf(items, 'item')}, ${count(open)} open`,
    })),
    ...report.notCovered.map(({ title, why, folders, items }) => ({
      title: 'Not covered',
      exact: () => `${title}${amounts(folders, items)}: ${why}`,
    })),
  ]);
};

const overLimit = (files: number): string => (files === 0 ? '' : `; ${count(files)} larger than a part, because of a single item`);

const amounts = (folders: number, items: number): string => {
  const told = [...(folders === 0 ? [] : [amountOf(folders, 'folder')]), ...(items === 0 ? [] : [amountOf(items, 'item')])];
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
};
