import type { CommandMeta, CommandReply, DomainEvent, StreamName } from '@pstream/contracts';
import { streamOf } from '@pstream/event-store';
import { names, nameStream } from './aggregates.js';
import { run, runStep, type Aggregate, type ProjectsPorts } from './ports.js';

// Things with a name of their own within a scope: the name is reserved first, and set free when it is no longer needed.

/** Where a name is unique, and the code of the rejection if it is taken. */
type Scope = { readonly scope: string; readonly taken: string };
export const customerName = (workgroupId: string): Scope => ({ scope: `customers of ${workgroupId}`, taken: 'customer.name-taken' });
export const endpointName = (customerId: string): Scope => ({ scope: `endpoints of ${customerId}`, taken: 'endpoint.name-taken' });
export const projectName = (customerId: string): Scope => ({ scope: `projects of ${customerId}`, taken: 'project.name-taken' });

type Reservation = Scope & { readonly name: string; readonly holder: string };

/** Makes something that has a name of its own. The name is reserved only while the command can still be accepted. */
export const makeNamed = async <C, E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Aggregate<C, E, S>,
  stream: StreamName<E>,
  command: C,
  meta: CommandMeta,
  reservation: Reservation,
): Promise<CommandReply> => {
  const { version } = await streamOf(ports.store, stream, { context: 'projects', ...aggregate }).fold();
  const canBeMade = version === 0 && (meta.expectedVersion ?? 0) === 0;
  const taken = canBeMade ? await reserve(ports, meta, reservation) : undefined;
  return taken ?? run(ports, aggregate, stream, command, meta);
};

const reserve = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  { scope, name, holder, taken }: Reservation,
): Promise<CommandReply | undefined> => {
  const reply = await runStep(ports, names, nameStream(scope, name), { type: 'ReserveName', scope, holder, taken, at: meta.at }, meta);
  return reply.accepted ? undefined : reply;
};

/** Gives something another name, or changes it without that: `before` is the name that it has. The new name is reserved before the command is
 *  decided; after it, the name that is not in use is free. */
export const editNamed = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  { name, before, ...of }: Omit<Reservation, 'name'> & { readonly name: string | undefined; readonly before: string },
  change: () => Promise<CommandReply>,
): Promise<CommandReply> => {
  const isOther = name !== undefined && nameStream(of.scope, name) !== nameStream(of.scope, before);
  const taken = isOther ? await reserve(ports, meta, { ...of, name }) : undefined;
  if (taken !== undefined) return taken;
  const reply = await change();
  if (isOther) await release(ports, meta, { ...of, name: reply.accepted ? before : name });
  return reply;
};

/** Sets a name free; of somebody else's, nothing happens. */
export const release = async (ports: ProjectsPorts, meta: CommandMeta, { scope, name, holder }: Reservation): Promise<void> => {
  await runStep(ports, names, nameStream(scope, name), { type: 'ReleaseName', scope, holder, at: meta.at }, meta);
};
