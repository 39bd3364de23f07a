import { dependentsStream, endpointStream, projectStream, type CommandMeta, type CommandReply } from '@pstream/contracts';
import type { Rejection } from '@pstream/kernel';
import type { Dependent, Dependents, DependentsCommand } from '../domain/dependents/decide.js';
import { dependents, endpoints, projects } from './aggregates.js';
import { isApplied, load, runStep, type ProjectsPorts } from './ports.js';

// What depends on what: a customer that has something stays, and so does an endpoint that a project uses. It is noted where both sides look,
// before anything is made: of a removal and what would depend on it, one is refused, whenever they meet.

/** A customer or an endpoint, and what is answered once nothing may depend on it any more. */
export type DependsOn = { readonly of: string; readonly unknown: Rejection };

const act = (ports: ProjectsPorts, meta: CommandMeta, command: DependentsCommand): Promise<CommandReply> =>
  runStep(ports, dependents, dependentsStream(command.of), command, meta);

const drop = async (ports: ProjectsPorts, meta: CommandMeta, on: readonly DependsOn[]): Promise<void> => {
  for (const { of } of on) await act(ports, meta, { type: 'DropDependent', of, by: meta.commandId, at: meta.at });
};

/** Makes or changes something that depends on others, unless one of these is gone. */
export const depending = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  dependent: Dependent,
  on: readonly DependsOn[],
  make: () => Promise<CommandReply>,
): Promise<CommandReply> => {
  if (await isApplied(ports, meta)) return make();
  for (const [before, { of, unknown }] of on.entries()) {
    const added = await act(ports, meta, { type: 'AddDependent', of, ...dependent, by: meta.commandId, closed: unknown.code, at: meta.at });
    if (added.accepted) continue;
    await drop(ports, meta, on.slice(0, before));
    return { accepted: false, rejection: unknown };
  }
  const reply = await make();
  if (!reply.accepted) await drop(ports, meta, on);
  return reply;
};

/** Has nothing depend on a customer or an endpoint from now on; a refusal with the code `held` if something does. */
export const closeDependents = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  of: string,
  held: string,
): Promise<CommandReply | undefined> => {
  const { added } = await load(ports, dependents, dependentsStream(of));
  const over = await overIn(ports, of, added);
  const reply = await act(ports, meta, { type: 'CloseDependents', of, over, held, at: meta.at });
  return reply.accepted ? undefined : reply;
};

/** Whether nothing may depend on it any more. */
export const isDependedOnNoMore = async (ports: ProjectsPorts, of: string): Promise<boolean> =>
  (await load(ports, dependents, dependentsStream(of))).closed;

/** The commands that have been applied, and whose dependents have gone since. */
const overIn = async (ports: ProjectsPorts, of: string, added: Dependents['added']): Promise<ReadonlySet<string>> => {
  const over = new Set<string>();
  for (const [by, dependent] of added) {
    // One that has not been applied may be on its way. Its own stream is read after that: it says what became of it.
    if ((await isApplied(ports, { commandId: by })) && !(await depends(ports, of, dependent))) over.add(by);
    // One that holds it is enough.
    else break;
  }
  return over;
};

const depends = async (ports: ProjectsPorts, of: string, { dependent, kind }: Dependent): Promise<boolean> => {
  if (kind === 'endpoint') return (await load(ports, endpoints, endpointStream(dependent))).is === 'endpoint';
  const project = await load(ports, projects, projectStream(dependent));
  if (project.is !== 'project' && project.is !== 'discovery') return false;
  const { customerId, destinationEndpointId } = project.settings;
  const sourceEndpointId = project.is === 'project' ? project.settings.sourceEndpointId : undefined;
  // A closed project needs no endpoints any more: nothing is read or written for it.
  return customerId === of || (!project.closed && (sourceEndpointId === of || destinationEndpointId === of));
};
