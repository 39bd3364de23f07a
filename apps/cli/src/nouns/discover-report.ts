import type { Project } from '@pstream/api';
import { REASON_CHARACTERS } from '@pstream/contracts';
import type { ReportPort } from '@pstream/discover/upload';
import { Fault, withDeadline } from '@pstream/kernel';
import { CliError, usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT } from '../cli/exit-codes.js';
import { clientOf, type Client } from '../http/client.js';
import { unreachable } from '../http/problem-error.js';
import { findProject } from '../http/resolve.js';

/** The Discovery project that an argument names. Exit 3 if there is none, exit 2 if it is another project. */
export const findDiscovery = async (client: Client, wanted: string): Promise<Project> => {
  const project = await findProject(client, wanted);
  if (project.type !== 'discovery')
    throw usageError(
      `--project: ${project.name} is not a Discovery project.`,
      'pstream project create CUSTOMER NAME --type discovery --destination ENDPOINT',
    );
  return project;
};

/** Whether a command ended because nobody answered, or answered in time; whatever was asked may be asked again. */
const isAway = (error: unknown): boolean => error instanceof CliError && error.exitCode === EXIT.failed;

/** How long an upload that does without its project looks for it. */
const LOOK_MS = 10_000;

/** Checks that an upload can be reported, as far as the gateway answers soon. */
export const checkDiscovery = async (cli: Cli, wanted: string): Promise<void> => {
  const away = (): CliError => unreachable(cli.config.url);
  await withDeadline(cli.clock, LOOK_MS, cli.signal, away, (signal) => findDiscovery(clientUntil(cli, signal), wanted)).catch(
    (error: unknown) => {
      if (!isAway(error)) throw error;
    },
  );
};

/** A client whose calls end with the signal, so that a gateway that is silent does not keep the process. */
const clientUntil = ({ config, clock, ids, signal: own }: Cli, signal: AbortSignal): Client =>
  clientOf(config, { clock, ids, signal: AbortSignal.any([own, signal]) });

/** Reports runs to a Discovery project. It is looked for when there is something to report, since the gateway may be away before. */
export const reportTo = (cli: Cli, wanted: string): ReportPort => {
  let known: string | undefined;
  const asked = async <T>(signal: AbortSignal, work: (client: Client, projectId: string) => Promise<T>): Promise<T> => {
    const client = clientUntil(cli, signal);
    try {
      return await work(client, (known ??= (await findDiscovery(client, wanted)).projectId));
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
    begin: (key, { computer, destination, plan }, signal) =>
      asked(signal, async (client, projectId) => {
        const body = { computer: computer.slice(0, 255), destination: destination.slice(0, 2_048), plan };
        return (await client.beginDiscoveryRun({ params: { projectId }, body, idempotencyKey: key })).id;
      }),
    files: (runId, report, files, signal) =>
      asked(signal, async (client, projectId) => {
        const rows = files.map((file) => ({
          ...file,
          name: file.name.slice(0, 1_024),
          owner: file.owner.slice(0, 320),
          kind: file.kind.slice(0, 32),
          reason: file.reason.slice(0, REASON_CHARACTERS),
        }));
        await client.reportDiscoveredFiles({ params: { projectId, runId }, body: { report, files: rows } });
      }),
    end: (runId, stoppedBy, signal) =>
      asked(
        signal,
        async (client, projectId) => void (await client.endDiscoveryRun({ params: { projectId, runId }, body: { stoppedBy } })),
      ),
  };
};
