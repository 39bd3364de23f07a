import {
  operationStream,
  projectStream,
  type CommandMeta,
  type CommandReply,
  type OperationWork,
  type RequestOperation,
} from '@pstream/contracts';
import { noExport } from '../domain/project/decide.js';
import { operations, projects } from './aggregates.js';
import { isApplied, load, run, type ProjectsPorts } from './ports.js';

/** Puts an operation on record; it is carried out in the background. Rows are chosen only then, so this takes no longer for many of them. */
export const requestOperation = async (ports: ProjectsPorts, meta: CommandMeta, body: RequestOperation): Promise<CommandReply> => {
  const { projectId, customerId, work } = body;
  if (projectId !== null) {
    const project = await load(ports, projects, projectStream(projectId));
    if (project.is === 'discovery' && work.verb === 'close') {
      // What it uploaded is there to be imported, and by other rights than the system has.
      if (work.parts === 'delete') return { accepted: false, rejection: { code: 'project.keeps-uploads', facts: { projectId } } };
    } else if (project.is !== 'project') return { accepted: false, rejection: noExport(projectId, project) };
    if (project.closed && !IN_CLOSED.has(work.verb)) return closedProject(projectId);
  }
  if (work.verb === 'move') {
    const target = await load(ports, projects, projectStream(work.toProjectId));
    if (target.is !== 'project') return { accepted: false, rejection: noExport(work.toProjectId, target) };
    if (target.closed) return closedProject(work.toProjectId);
    // Licences are a customer's, and so are the people whose mailboxes these are.
    if (target.settings.customerId !== customerId) return { accepted: false, rejection: { code: 'project.other-customer', facts: {} } };
  }
  if (work.verb === 'start' && work.startAt !== undefined && isOutOfRange(work.startAt, meta.at) && !(await isApplied(ports, meta)))
    return { accepted: false, rejection: { code: 'pass.start-out-of-range', facts: { startAt: work.startAt } } };
  return run(
    ports,
    operations(ports),
    operationStream(body.operationId),
    { type: 'RequestOperation', ...body, by: meta.by, at: meta.at },
    meta,
  );
};

/** How far ahead a pass may be submitted: its bundle and its endpoints change within a year. */
const MOST_AHEAD_MS = 366 * 24 * 60 * 60 * 1000;

const isOutOfRange = (startAt: string, now: string): boolean => {
  const aheadMs = Date.parse(startAt) - Date.parse(now);
  return aheadMs <= 0 || aheadMs > MOST_AHEAD_MS;
};

/** What is still done in a closed project: it is closed again, which deletes what was kept; its mailboxes are removed; and a pass that was started at
 *  the moment of the closing is stopped. */
const IN_CLOSED: ReadonlySet<OperationWork['verb']> = new Set(['close', 'remove', 'stop']);

const closedProject = (projectId: string): CommandReply => ({
  accepted: false,
  rejection: { code: 'project.closed', facts: { projectId } },
});
