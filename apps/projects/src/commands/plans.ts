import { ADMISSION_STREAM, projectStream, type ChangePlan, type CommandMeta, type CommandReply } from '@pstream/contracts';
import { changePlan as decide } from '../domain/admission/plans.js';
import { evolve, nobodyWaits } from '../domain/admission/state.js';
import { projects } from './aggregates.js';
import { load, run, type ProjectsPorts } from './ports.js';

/** Binds all projects, or one, to a plan. It stands in the stream of the queue: no pass gets a place after it was decided. */
export const changePlan = async (ports: ProjectsPorts, meta: CommandMeta, body: ChangePlan): Promise<CommandReply> => {
  const { projectId } = body;
  if (projectId !== undefined && (await load(ports, projects, projectStream(projectId))).is !== 'project')
    return { accepted: false, rejection: { code: 'project.unknown', facts: { projectId } } };
  const queue = { decide, evolve, initial: nobodyWaits, kept: ports.kept.admission };
  return run(ports, queue, ADMISSION_STREAM, { ...body, by: meta.by, at: meta.at }, meta);
};
