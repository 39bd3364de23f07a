import {
  discoveryReportStream,
  discoveryRunStream,
  projectStream,
  type BeginDiscoveryRun,
  type CommandMeta,
  type CommandReply,
  type EndDiscoveryRun,
  type ReportDiscoveredFiles,
} from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { discoveryReports, discoveryRuns, projects } from './aggregates.js';
import { refusal } from './catalogue.js';
import { load, run, runStep, type ProjectsPorts } from './ports.js';

// What machines report that find PSTs and upload them. Uploads do not wait for it, so whatever is reported late or twice is taken all the same.

/** Begins a run in a Discovery project that is open. */
export const beginDiscoveryRun = async (ports: ProjectsPorts, meta: CommandMeta, body: BeginDiscoveryRun): Promise<CommandReply> => {
  const { projectId, runId } = body;
  const project = await load(ports, projects, projectStream(projectId));
  if (project.is === 'project') return refusal({ code: 'project.not-discovery', facts: { projectId } });
  if (project.is !== 'discovery') return refusal({ code: 'project.unknown', facts: { projectId } });
  const stream = discoveryRunStream(runId);
  // A run that has begun goes on in a project that was closed since.
  if ((await load(ports, discoveryRuns, stream)).is === 'none') {
    // Noted on the project first: a removal decides there.
    const noted = await runStep(ports, projects, projectStream(projectId), { type: 'BeginRuns', projectId, at: meta.at }, meta);
    if (!noted.accepted) return noted;
  }
  const { workgroupId, customerId } = project.settings;
  return run(ports, discoveryRuns, stream, { type: 'BeginDiscoveryRun', workgroupId, customerId, ...body, at: meta.at }, meta);
};

/** Records what became of some files of a run, on a stream of their own. */
export const reportDiscoveredFiles = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  { projectId, runId, report, files }: ReportDiscoveredFiles,
): Promise<CommandReply> => {
  const state = await load(ports, discoveryRuns, discoveryRunStream(runId));
  if (state.is === 'none' || state.refs.projectId !== projectId) return refusal({ code: 'discovery-run.unknown', facts: { runId } });
  const { refs, computer } = state;
  const stream = discoveryReportStream(deriveId('discovery-report', runId, String(report)));
  return run(ports, discoveryReports, stream, { refs, computer, report, files, ended: state.is === 'ended', at: meta.at }, meta);
};

/** Ends a run: nothing more is reported of it. */
export const endDiscoveryRun = (ports: ProjectsPorts, meta: CommandMeta, body: EndDiscoveryRun): Promise<CommandReply> =>
  run(ports, discoveryRuns, discoveryRunStream(body.runId), { type: 'EndDiscoveryRun', ...body, at: meta.at }, meta);
