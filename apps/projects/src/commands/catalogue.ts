import {
  customerStream,
  endpointStream,
  projectStream,
  rosterStream,
  type AddEndpoint,
  type AddLineItems,
  type ChangeOptions,
  type CommandMeta,
  type CommandReply,
  type CreateCustomer,
  type CreateDiscoveryProject,
  type CreateProject,
  type RotateEndpointSecret,
  type SwitchViewing,
} from '@pstream/contracts';
import type { Rejection } from '@pstream/kernel';
import { noExport } from '../domain/project/decide.js';
import { customers, endpoints, projects, rosters } from './aggregates.js';
import { depending, type DependsOn } from './dependents.js';
import { customerName, endpointName, makeNamed, projectName } from './names.js';
import { claimNames, type Refused } from './places.js';
import { isApplied, load, run, type ProjectsPorts } from './ports.js';
import { earlierRoster } from './rosters.js';

// Customers, endpoints and projects: what has to exist before a mailbox can be exported.

/** A customer with a name of its own within the workgroup. */
export const createCustomer = async (ports: ProjectsPorts, meta: CommandMeta, body: CreateCustomer): Promise<CommandReply> =>
  makeNamed(ports, customers, customerStream(body.customerId), { type: 'CreateCustomer', ...body, at: meta.at }, meta, {
    ...customerName(body.workgroupId),
    name: body.name,
    holder: body.customerId,
  });

/** A source or destination with a name of its own within the customer. */
export const addEndpoint = async (ports: ProjectsPorts, meta: CommandMeta, body: AddEndpoint): Promise<CommandReply> =>
  (await unknownCustomer(ports, body.customerId)) ??
  depending(ports, meta, { dependent: body.endpointId, kind: 'endpoint' }, [onCustomer(body.customerId)], () =>
    makeNamed(ports, endpoints, endpointStream(body.endpointId), { type: 'AddEndpoint', ...body, at: meta.at }, meta, {
      ...endpointName(body.customerId),
      name: body.name,
      holder: body.endpointId,
    }),
  );

/** Accepts that the value behind an endpoint's secret reference is replaced. */
export const rotateEndpointSecret = (ports: ProjectsPorts, meta: CommandMeta, body: RotateEndpointSecret): Promise<CommandReply> =>
  run(ports, endpoints, endpointStream(body.endpointId), { type: 'RotateEndpointSecret', ...body, at: meta.at }, meta);

/** A project between two endpoints of its customer, with a name of its own. */
export const createProject = async (ports: ProjectsPorts, meta: CommandMeta, body: CreateProject): Promise<CommandReply> => {
  const refused =
    (await unknownCustomer(ports, body.customerId)) ??
    (await wrongEndpoint(ports, body.customerId, body.sourceEndpointId, 'source')) ??
    (await wrongEndpoint(ports, body.customerId, body.destinationEndpointId, 'destination'));
  if (refused !== undefined) return refused;
  const { type: projectType, ...rest } = body;
  const on = [
    onCustomer(body.customerId),
    onEndpoint(body.sourceEndpointId, 'source'),
    onEndpoint(body.destinationEndpointId, 'destination'),
  ];
  return depending(ports, meta, { dependent: body.projectId, kind: 'project' }, on, () =>
    makeNamed(ports, projects, projectStream(body.projectId), { type: 'CreateProject', projectType, ...rest, at: meta.at }, meta, {
      ...projectName(body.customerId),
      name: body.name,
      holder: body.projectId,
    }),
  );
};

/** A project that keeps what is reported of PSTs found and uploaded, with a name of its own. */
export const createDiscoveryProject = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  body: CreateDiscoveryProject,
): Promise<CommandReply> => {
  const { customerId, projectId, destinationEndpointId } = body;
  const refused =
    (await unknownCustomer(ports, customerId)) ?? (await wrongEndpoint(ports, customerId, destinationEndpointId, 'destination'));
  if (refused !== undefined) return refused;
  const on = [onCustomer(customerId), onEndpoint(destinationEndpointId, 'destination')];
  return depending(ports, meta, { dependent: projectId, kind: 'project' }, on, () =>
    makeNamed(ports, projects, projectStream(projectId), { type: 'CreateDiscoveryProject', ...body, at: meta.at }, meta, {
      ...projectName(customerId),
      name: body.name,
      holder: projectId,
    }),
  );
};

/** Other advanced options for the passes that are started from now on. */
export const changeOptions = (ports: ProjectsPorts, meta: CommandMeta, body: ChangeOptions): Promise<CommandReply> =>
  run(ports, projects, projectStream(body.projectId), { type: 'ChangeOptions', ...body, at: meta.at }, meta);

/** Whether the content of finished PSTs may be looked at. */
export const switchViewing = (ports: ProjectsPorts, meta: CommandMeta, body: SwitchViewing): Promise<CommandReply> =>
  run(ports, projects, projectStream(body.projectId), { type: 'SwitchViewing', ...body, at: meta.at }, meta);

const NONE_TAKEN: Refused = new Map();

/** Bulk Add: all rows or none. */
export const addLineItems = async (ports: ProjectsPorts, meta: CommandMeta, body: AddLineItems): Promise<CommandReply> => {
  const { projectId, items } = body;
  const project = await load(ports, projects, projectStream(projectId));
  if (project.is !== 'project') return refusal(noExport(projectId, project));
  if (project.closed) return refusal({ code: 'project.closed', facts: { projectId } });
  const { workgroupId, customerId } = project.settings;
  const taken = (await isApplied(ports, meta)) ? NONE_TAKEN : await claimNames(ports, meta, project.settings, items);
  if (taken.size > 0) {
    const conflicts = items.flatMap(({ mailboxJobId }, row) => {
      const refused = taken.get(mailboxJobId);
      return refused === undefined ? [] : [`${row}:destination:mailbox.name-taken:${refused.offer}:${refused.holder ?? ''}`];
    });
    return refusal({ code: 'project.line-items-conflict', facts: { conflicts } });
  }
  return run(
    ports,
    rosters(ports, await earlierRoster(ports, projectId)),
    rosterStream(projectId),
    { type: 'AddLineItems', workgroupId, customerId, projectId, items, at: meta.at },
    meta,
  );
};

export const unknownCustomer = async (ports: ProjectsPorts, customerId: string): Promise<CommandReply | undefined> =>
  (await load(ports, customers, customerStream(customerId))).is !== 'customer' ? refusal(onCustomer(customerId).unknown) : undefined;

const onCustomer = (customerId: string): DependsOn => ({ of: customerId, unknown: { code: 'customer.unknown', facts: { customerId } } });

/** What a project depends on that uses an endpoint. */
export const onEndpoint = (endpointId: string, role: 'source' | 'destination'): DependsOn => ({
  of: endpointId,
  unknown: { code: 'endpoint.unknown', facts: { endpointId, role } },
});

export const wrongEndpoint = async (
  ports: ProjectsPorts,
  customerId: string,
  endpointId: string,
  role: 'source' | 'destination',
): Promise<CommandReply | undefined> => {
  const endpoint = await load(ports, endpoints, endpointStream(endpointId));
  if (endpoint.is !== 'endpoint' || endpoint.customerId !== customerId) return refusal(onEndpoint(endpointId, role).unknown);
  const isSource = endpoint.config.kind === 'microsoft-365';
  return isSource === (role === 'source')
    ? undefined
    : refusal({ code: `endpoint.not-a-${role}`, facts: { endpointId, kind: endpoint.config.kind } });
};

export const refusal = (rejection: Rejection): CommandReply => ({ accepted: false, rejection });
