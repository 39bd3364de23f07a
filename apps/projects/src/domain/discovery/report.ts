import type { DiscoveredFile, DiscoveryReportEvent } from '@pstream/contracts';
import { accept, deriveId, reject, type Decision } from '@pstream/kernel';
import type { RunRefs } from './run.js';

type Reported = Extract<DiscoveryReportEvent, { type: 'DiscoveredFilesReported' }>['data'];

/** One report of a run, as it was made; null before that. */
export type Report = Reported | null;
export const noReport: Report = null;

export type ReportCommand = {
  readonly refs: RunRefs;
  readonly computer: string;
  readonly report: number;
  readonly files: readonly DiscoveredFile[];
  /** Whether the run has ended. */
  readonly ended: boolean;
  readonly at: string;
};

/** A report that is made again is one. Another one under its number is refused: whoever counts wrong would lose files. */
export const decide = ({ refs, computer, report, files, ended, at }: ReportCommand, state: Report): Decision<DiscoveryReportEvent> => {
  const identified = files.map((file) => ({ fileId: deriveId('discovered-file', refs.projectId, computer, file.path), ...file }));
  const { runId } = refs;
  if (state !== null) return areSame(identified, state.files) ? accept() : reject('discovery-run.other-files', { runId, report });
  if (ended) return reject('discovery-run.ended', { runId });
  return accept({ type: 'DiscoveredFilesReported', data: { ...refs, computer, report, files: identified, at } });
};

type Files = Reported['files'];
const FIELDS = [
  'fileId',
  'path',
  'name',
  'owner',
  'kind',
  'bytes',
  'state',
  'reason',
  'sha256',
] as const satisfies readonly (keyof Files[number])[];

const areSame = (some: Files, others: Files): boolean =>
  some.length === others.length && some.every((file, n) => FIELDS.every((field) => file[field] === others[n]?.[field]));

export const evolve = (_state: Report, event: DiscoveryReportEvent): Report => event.data;
