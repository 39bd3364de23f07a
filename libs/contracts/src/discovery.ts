import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, ordinal, workgroup, type EventOf } from './event-shapes.js';
import { LIST_CHARACTERS } from './operations.js';
import { bytesField, countField, field, idField, textField, timeField, timeOrNullField } from './view-fields.js';
import { Ulid } from './words.js';

// Discovery: what machines that find and upload PSTs report to a Discovery project. Streams `discovery-run:<id>` for the begin and the end of a run,
// and `discovery-report:<id>` for each report of files, so that no command reads more than one report.

/** What became of a file. */
export const discoveredStates = ['uploaded', 'skipped', 'failed'] as const;

/** Most files of one report. */
export const FILES_PER_REPORT = 100;
/** Characters of a path, as the longest that Windows has. */
export const PATH_CHARACTERS = 32_767;
/** Characters of a reason. */
export const REASON_CHARACTERS = 500;

/** A file of a plan, and what became of it. */
export const DiscoveredFile = z.strictObject({
  path: field(z.string().min(1).max(PATH_CHARACTERS), 'Where it lies, on the machine of the run.', '/home/ann/mail.pst'),
  name: field(
    z.string().max(1_024),
    'What it is called at the destination, or was to be called; empty where the plan does not say.',
    'ann_pc7_1.pst',
  ),
  owner: field(z.string().max(320), 'Address of the mailbox that it belongs to; empty where nobody knows.', 'ann@contoso.com'),
  kind: field(z.string().max(32), 'Kind of file as the plan has it; empty where it does not say.', 'pst'),
  bytes: field(z.int().nonnegative().nullable(), 'Its size in bytes; null where it is not known.', 1_048_576),
  state: field(z.enum(discoveredStates), 'What became of it.', 'uploaded'),
  reason: field(z.string().max(REASON_CHARACTERS), 'Why it was skipped or failed; of an uploaded one, what is to be said.', ''),
  sha256: field(
    z.string().max(64).nullable(),
    'SHA-256 of an uploaded file, in hexadecimal digits.',
    'fb516058febe5f0db9fbccf73755bbab7a0d494111d7e77d4c32156cbfabc560',
  ),
});
export type DiscoveredFile = Readonly<z.infer<typeof DiscoveredFile>>;

/** Sums of a plan: its rows, those that it wants uploaded, and how large these were when they were found. */
export const PlanSums = z.strictObject({
  rows: field(z.int().nonnegative(), 'Rows of the plan.', 12),
  toUpload: field(z.int().nonnegative(), 'Rows that are to be uploaded.', 10),
  bytes: field(z.int().nonnegative(), 'Bytes of the files to upload, as the scan found them.', 1_048_576),
});
export type PlanSums = Readonly<z.infer<typeof PlanSums>>;

const Computer = z.string().trim().min(1).max(255);
/** An address or a path without credentials. */
const Where = z.string().trim().min(1).max(2_048);

export const BeginDiscoveryRun = z.strictObject({
  projectId: Ulid,
  runId: Ulid,
  computer: Computer,
  destination: Where,
  plan: PlanSums,
});
export type BeginDiscoveryRun = z.infer<typeof BeginDiscoveryRun>;

export const ReportDiscoveredFiles = z.strictObject({
  projectId: Ulid,
  runId: Ulid,
  /** Number of the report within its run, from 1. */
  report: z.int().positive(),
  files: z
    .array(DiscoveredFile)
    .min(1)
    .max(FILES_PER_REPORT)
    .refine((files) => files.reduce((sum, { path, reason }) => sum + path.length + reason.length, 0) <= LIST_CHARACTERS, {
      error: 'These paths are too long for one report. Divide it.',
    }),
});
export type ReportDiscoveredFiles = z.infer<typeof ReportDiscoveredFiles>;

export const EndDiscoveryRun = z.strictObject({
  projectId: Ulid,
  runId: Ulid,
  /** Code of what ended the run before its end. */
  stoppedBy: z.string().min(1).max(100).nullable(),
});
export type EndDiscoveryRun = z.infer<typeof EndDiscoveryRun>;

const run = { ...workgroup, customerId: id, projectId: id, runId: id };

/** Events of a run. */
export const discoveryRunEvents = {
  DiscoveryRunBegun: z.object({
    ...run,
    computer: z.string(),
    destination: z.string(),
    plan: z.object({ rows: count, toUpload: count, bytes: count }),
    at,
  }),
  DiscoveryRunEnded: z.object({ ...run, stoppedBy: z.string().nullable(), at }),
};
export type DiscoveryRunEvent = EventOf<typeof discoveryRunEvents>;

/** Events of a report. */
export const discoveryReportEvents = {
  /** `fileId` is the same for a file of a machine in every run of the project. */
  DiscoveredFilesReported: z.object({
    ...run,
    computer: z.string(),
    report: ordinal,
    files: z
      .array(
        z.object({
          fileId: id,
          path: z.string(),
          name: z.string(),
          owner: z.string(),
          kind: z.string(),
          bytes: count.nullable(),
          state: z.enum(discoveredStates),
          reason: z.string(),
          sha256: z.string().nullable(),
        }),
      )
      .readonly(),
    at,
  }),
};
export type DiscoveryReportEvent = EventOf<typeof discoveryReportEvents>;

export const discoveryRunStream = (runId: string): StreamName<DiscoveryRunEvent> => streamName(`discovery-run:${runId}`);
export const discoveryReportStream = (reportId: string): StreamName<DiscoveryReportEvent> => streamName(`discovery-report:${reportId}`);

/** How far a run is: `running` also where its machine was switched off; the same command resumes it. */
export const discoveryRunStates = ['running', 'finished', 'stopped'] as const;

export const DiscoveryRunView = z.object({
  runId: idField('run', 'Id of the run.'),
  projectId: idField('project', 'Id of the project.'),
  computer: textField('Machine that the run is on.', 'pc7'),
  destination: textField('Where it uploads to, without credentials.', 'https://acme.blob.core.windows.net/imports'),
  plan: PlanSums.meta({ description: 'Sums of its plan.' }),
  state: field(
    z.enum(discoveryRunStates),
    '`stopped` before its end, for `stoppedBy`. A run whose machine was switched off is still `running`: the same command resumes it.',
    'finished',
  ),
  stoppedBy: field(z.string().nullable(), 'Code of what ended it before its end.', null),
  startedAt: timeField('When it began.'),
  endedAt: timeOrNullField('When it ended; null until then.'),
});
export type DiscoveryRunView = z.infer<typeof DiscoveryRunView>;

export const DiscoveredFileView = z.object({
  fileId: textField('Id of the file: of the same path on the same machine, in every run.', '01J8ZQ4N5W9K7C1B2D3E4F5G6K'),
  runId: idField('run', 'Run that reported it last.'),
  computer: textField('Machine that it lies on.', 'pc7'),
  ...DiscoveredFile.shape,
  reportedAt: timeField('When that was reported.'),
});
export type DiscoveredFileView = z.infer<typeof DiscoveredFileView>;

/** What was found, and what became of it: files and bytes. `found = uploaded + skipped + failed` holds at any moment. */
export const DiscoverySums = z.object({
  found: countField('Files that are reported.', 12),
  uploaded: countField('Those that were uploaded.', 9),
  skipped: countField('Those that were left out, for a reason.', 2),
  failed: countField('Those that could not be uploaded.', 1),
  bytes: z
    .object({
      found: bytesField('Bytes of all of them.'),
      uploaded: bytesField('Bytes of those that were uploaded.'),
      skipped: bytesField('Bytes of those that were left out.'),
      failed: bytesField('Bytes of those that could not be uploaded.'),
    })
    .meta({ description: 'Bytes of these files, as far as their sizes are known.' }),
});
export type DiscoverySums = z.infer<typeof DiscoverySums>;
