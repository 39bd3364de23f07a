import {
  customerStream,
  endpointStream,
  projectStream,
  type CommandMeta,
  type CommandReply,
  type DomainEvent,
  type EditEndpoint,
  type EditProject,
  type RemoveCustomer,
  type RemoveEndpoint,
  type RemoveProject,
  type RenameCustomer,
  type StreamName,
} from '@pstream/contracts';
import { streamOf } from '@pstream/event-store';
import { deriveId } from '@pstream/kernel';
import { noExport } from '../domain/project/decide.js';
import { customers, endpoints, projects } from './aggregates.js';
import { onEndpoint, refusal, wrongEndpoint } from './catalogue.js';
import { closeDependents, depending, isDependedOnNoMore } from './dependents.js';
import { customerName, editNamed, endpointName, projectName, release } from './names.js';
import { load, run, type Aggregate, type ProjectsPorts } from './ports.js';
import { closeRoster, isClosed } from './rosters.js';

// Customers, endpoints and projects after they have been made: renamed, edited, removed. The names that they had are free again.

/** Another name for a customer. */
export const renameCustomer = async (ports: ProjectsPorts, meta: CommandMeta, body: RenameCustomer): Promise<CommandReply> => {
  const { customerId, name } = body;
  const stream = customerStream(customerId);
  const state = await load(ports, customers, stream);
  if (state.is !== 'customer') return refusal({ code: 'customer.unknown', facts: { customerId } });
  const naming = { ...customerName(state.workgroupId), holder: customerId, name, before: state.name };
  return editNamed(ports, meta, naming, () => run(ports, customers, stream, { type: 'RenameCustomer', ...body, at: meta.at }, meta));
};

/** Removes a customer without endpoints and projects. Those of releases up to 0.3.0 are the sender's to see to. */
export const removeCustomer = async (ports: ProjectsPorts, meta: CommandMeta, body: RemoveCustomer): Promise<CommandReply> => {
  const stream = customerStream(body.customerId);
  const reply = await removeAlone(ports, customers, stream, { type: 'RemoveCustomer', ...body, at: meta.at }, meta, {
    of: body.customerId,
    isThere: ({ is }) => is === 'customer',
    held: 'customer.not-empty',
  });
  const state = await load(ports, customers, stream);
  if (state.is === 'removed') await release(ports, meta, { ...customerName(state.workgroupId), name: state.name, holder: body.customerId });
  return reply;
};

/** Another name or other settings for an endpoint. */
export const editEndpoint = async (ports: ProjectsPorts, meta: CommandMeta, body: EditEndpoint): Promise<CommandReply> => {
  const { endpointId, name } = body;
  const stream = endpointStream(endpointId);
  const state = await load(ports, endpoints, stream);
  // Decided before a name is reserved: the name would be reserved with another customer.
  if (state.is !== 'endpoint' || state.customerId !== body.customerId) return refusal({ code: 'endpoint.unknown', facts: { endpointId } });
  const naming = { ...endpointName(state.customerId), holder: endpointId, name, before: state.name };
  return editNamed(ports, meta, naming, () => run(ports, endpoints, stream, { type: 'EditEndpoint', ...body, at: meta.at }, meta));
};

/** Removes an endpoint that no project uses. Projects of releases up to 0.3.0 are the sender's to see to. */
export const removeEndpoint = async (ports: ProjectsPorts, meta: CommandMeta, body: RemoveEndpoint): Promise<CommandReply> => {
  const stream = endpointStream(body.endpointId);
  const reply = await removeAlone(ports, endpoints, stream, { type: 'RemoveEndpoint', ...body, at: meta.at }, meta, {
    of: body.endpointId,
    isThere: (state) => state.is === 'endpoint' && state.customerId === body.customerId,
    held: 'endpoint.in-use',
  });
  const state = await load(ports, endpoints, stream);
  if (state.is === 'removed') await release(ports, meta, { ...endpointName(state.customerId), name: state.name, holder: body.endpointId });
  return reply;
};

/** Removes something on which nothing depends. That is settled first, so that nothing comes to depend on it meanwhile; with that the removal is
 *  decided, and whoever asks for it again finishes it, whatever version they have seen. */
const removeAlone = async <C, E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Aggregate<C, E, S>,
  stream: StreamName<E>,
  command: C,
  meta: CommandMeta,
  { of, isThere, held }: { readonly of: string; readonly isThere: (state: S) => boolean; readonly held: string },
): Promise<CommandReply> => {
  const { state, version } = await streamOf(ports.store, stream, { context: 'projects', ...aggregate }).fold();
  const { expectedVersion: expected = version, ...rest } = meta;
  if (isThere(state)) {
    if (expected !== version && !(await isDependedOnNoMore(ports, of))) return otherVersion(expected, version);
    const refused = await closeDependents(ports, rest, of, held);
    if (refused !== undefined) return refused;
  }
  return run(ports, aggregate, stream, command, rest);
};

/** Whoever has seen another version is refused, and nothing has happened. */
const otherVersion = (expected: number, actual: number): CommandReply =>
  refusal({ code: 'stream.version-mismatch', facts: { expected, actual } });

/** Another name or other settings for a project. */
export const editProject = async (ports: ProjectsPorts, meta: CommandMeta, body: EditProject): Promise<CommandReply> => {
  const { projectId, name, sourceEndpointId, destinationEndpointId } = body;
  const stream = projectStream(projectId);
  const state = await load(ports, projects, stream);
  if (state.is !== 'project' && state.is !== 'discovery') return refusal(noExport(projectId, state));
  const { customerId } = state.settings;
  const refused =
    (sourceEndpointId === undefined ? undefined : await wrongEndpoint(ports, customerId, sourceEndpointId, 'source')) ??
    (destinationEndpointId === undefined ? undefined : await wrongEndpoint(ports, customerId, destinationEndpointId, 'destination'));
  if (refused !== undefined) return refused;
  const naming = { ...projectName(customerId), holder: projectId, name, before: state.settings.name };
  const on = [
    ...(sourceEndpointId === undefined ? [] : [onEndpoint(sourceEndpointId, 'source')]),
    ...(destinationEndpointId === undefined ? [] : [onEndpoint(destinationEndpointId, 'destination')]),
  ];
  return depending(ports, meta, { dependent: projectId, kind: 'project' }, on, () =>
    editNamed(ports, meta, naming, () => run(ports, projects, stream, { type: 'EditProject', ...body, at: meta.at }, meta)),
  );
};

/** Removes a project without mailboxes. Its roster is closed first, so that none can be added meanwhile; with that the removal is decided, and whoever
 *  asks for it again finishes it, whatever version of the project they have seen. */
export const removeProject = async (ports: ProjectsPorts, meta: CommandMeta, body: RemoveProject): Promise<CommandReply> => {
  const { projectId } = body;
  const { state: before, version } = await streamOf(ports.store, projectStream(projectId), { context: 'projects', ...projects }).fold();
  const { expectedVersion: expected = version, commandId, ...of } = meta;
  const closing = deriveId('close-roster', commandId);
  if (before.is === 'discovery') {
    const reply = await run(ports, projects, projectStream(projectId), { type: 'RemoveProject', projectId, at: meta.at }, meta);
    await releaseName(ports, meta, projectId);
    return reply;
  }
  if (before.is === 'project') {
    // No change after the closing keeps the project.
    if (expected !== version && !(await isClosed(ports, projectId))) return otherVersion(expected, version);
    const { workgroupId, customerId } = before.settings;
    const closed = await closeRoster(ports, { ...of, commandId: closing }, { workgroupId, customerId, projectId });
    if (!closed.accepted) return closed;
  }
  return endRemoval(ports, { ...of, closing }, projectId);
};

/** Who asked for a removal; `closing` is the id of the command that closed the roster. */
type Removal = Pick<CommandMeta, 'by' | 'at' | 'digest'> & { readonly closing: string };

/** Ends the removal of a project whose roster is closed. Whoever asked for it and whoever hears of the closing send the same command. */
export const endRemoval = async (ports: ProjectsPorts, { closing, ...of }: Removal, projectId: string): Promise<CommandReply> => {
  const meta = { ...of, commandId: deriveId('remove-project', closing) };
  const reply = await run(ports, projects, projectStream(projectId), { type: 'RemoveProject', projectId, at: of.at }, meta);
  await releaseName(ports, meta, projectId);
  return reply;
};

/** The name of a project that is removed is free again. */
const releaseName = async (ports: ProjectsPorts, meta: CommandMeta, projectId: string): Promise<void> => {
  const state = await load(ports, projects, projectStream(projectId));
  if (state.is === 'removed')
    await release(ports, meta, { ...projectName(state.settings.customerId), name: state.settings.name, holder: projectId });
};
