import { ADMISSION_STREAM, endpointStream, projectStream, type ChangePlan, type CommandMeta, type CommandReply } from '@pstream/contracts';
import { changePlan as decide, changesPlan as concerns } from '../domain/admission/plans.js';
import { evolve, nobodyWaits } from '../domain/admission/state.js';
import { noExport } from '../domain/project/decide.js';
import { endpoints, projects } from './aggregates.js';
import { load, run, type ProjectsPorts } from './ports.js';

/** Binds all projects, those that read from an endpoint, or one, to a plan. It stands in the stream of the queue: no pass gets a place after it was decided. */
export const changePlan = async (ports: ProjectsPorts, meta: CommandMeta, body: ChangePlan): Promise<CommandReply> => {
  const { projectId, endpointId } = body;
  let owner: { readonly customerId?: string } = {};
  if (projectId !== undefined) {
    const project = await load(ports, projects, projectStream(projectId));
    if (project.is !== 'project') return { accepted: false, rejection: noExport(projectId, project) };
    owner = { customerId: project.settings.customerId };
  }
  if (endpointId !== undefined) {
    const endpoint = await load(ports, endpoints, endpointStream(endpointId));
    if (endpoint.is !== 'endpoint') return { accepted: false, rejection: { code: 'endpoint.unknown', facts: { endpointId } } };
    if (endpoint.config.kind !== 'microsoft-365')
      return { accepted: false, rejection: { code: 'endpoint.not-a-source', facts: { endpointId, kind: endpoint.config.kind } } };
    owner = { customerId: endpoint.customerId };
  }
  const queue = { decide, concerns, evolve, initial: nobodyWaits, kept: ports.kept.admission };
  return run(ports, queue, ADMISSION_STREAM, { ...body, ...owner, by: meta.by, at: meta.at }, meta);
};
