import { REASON_CHARACTERS } from '@pstream/contracts';
import type { ReportPort } from '@pstream/discover/upload';
import { Fault } from '@pstream/kernel';
import { CliError, usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT } from '../cli/exit-codes.js';
import { findProject } from '../http/resolve.js';

/** The Discovery project that an argument names. Exit 3 if there is none, exit 2 if it is another project. */
export const findDiscovery = async (cli: Cli, wanted: string) => {
  const project = await findProject(cli.client(), wanted);
  if (project.type !== 'discovery')
    throw usageError(
      `--project: ${project.name} is not a Discovery project.`,
      'pstream project create CUSTOMER NAME --type discovery --destination ENDPOINT',
    );
  return project;
};

/** Whether a command ended because nobody answered, or answered in time; whatever was asked may be asked again. */
export const isAway = (error: unknown): boolean => error instanceof CliError && error.exitCode === EXIT.failed;

/** Reports runs to a Discovery project. It is looked for when there is something to report, since the gateway may be away before. */
export const reportTo = (cli: Cli, wanted: string): ReportPort => {
  const client = cli.client();
  let known: string | undefined;
  const asked = async <T>(work: (projectId: string) => Promise<T>): Promise<T> => {
    try {
      return await work((known ??= (await findDiscovery(cli, wanted)).projectId));
    } catch (error) {
      if (!(error instanceof CliError) || isAway(error)) throw error;
      const { what, why, details } = error;
      throw new Fault('report.refused', {
        retry: 'never',
        facts: { code: typeof details['code'] === 'string' ? details['code'] : 'unknown' },
        advice: `${what} ${why}`,
        cause: error,
      });
    }
  };
  return {
    begin: (key, { computer, destination, plan }) =>
      asked(async (projectId) => {
        const body = { computer: computer.slice(0, 255), destination: destination.slice(0, 2_048), plan };
        return (await client.beginDiscoveryRun({ params: { projectId }, body, idempotencyKey: key })).id;
      }),
    files: (runId, report, files) =>
      asked(async (projectId) => {
        const rows = files.map((file) => ({
          ...file,
          name: file.name.slice(0, 1_024),
          owner: file.owner.slice(0, 320),
          kind: file.kind.slice(0, 32),
          reason: file.reason.slice(0, REASON_CHARACTERS),
        }));
        await client.reportDiscoveredFiles({ params: { projectId, runId }, body: { report, files: rows } });
      }),
    end: (runId, stoppedBy) =>
      asked(async (projectId) => void (await client.endDiscoveryRun({ params: { projectId, runId }, body: { stoppedBy } }))),
  };
};
