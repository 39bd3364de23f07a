import {
  projectStream,
  rosterStream,
  sameAddress,
  samePartName,
  type CommandMeta,
  type CommandReply,
  type LineItem,
  type TakenNames,
  type TakenNamesReply,
} from '@pstream/contracts';
import { allItems, findItem, holderOf, type RosterCommand } from '../domain/roster/decide.js';
import { emptyRoster, evolve, type Roster } from '../domain/roster/state.js';
import { rosters } from './aggregates.js';
import { load, run, type ProjectsPorts } from './ports.js';

/** Line items that releases up to 0.2.0 put on the project's own stream; nothing is added to them. */
export const earlierRoster = (ports: ProjectsPorts, projectId: string): Promise<Roster> =>
  load(ports, { evolve, initial: emptyRoster, kept: ports.kept.earlierRosters }, projectStream(projectId));

/** Who is on the roster of a project, with what earlier releases put on the project's own stream. */
export type LineItems = {
  readonly find: (mailboxJobId: string) => LineItem | undefined;
  /** In the order in which they were added. */
  readonly all: () => Iterable<LineItem>;
  /** The mailbox that has a PST name, or has claimed it. */
  readonly holderOf: (destination: string) => string | undefined;
};

export const lineItemsOf = async (ports: ProjectsPorts, projectId: string): Promise<LineItems> => {
  const earlier = await earlierRoster(ports, projectId);
  const own = await load(ports, { evolve, initial: emptyRoster, kept: ports.kept.rosters }, rosterStream(projectId));
  return {
    find: (mailboxJobId) => findItem(mailboxJobId, own, earlier),
    all: () => allItems(own, earlier),
    holderOf: (destination) => holderOf('destinations', samePartName(destination), own, earlier),
  };
};

/** Which of these names mailboxes of a project have already. */
export const takenNames = async (ports: ProjectsPorts, { projectId, sources, destinations }: TakenNames): Promise<TakenNamesReply> => {
  const earlier = await earlierRoster(ports, projectId);
  const own = await load(ports, { evolve, initial: emptyRoster, kept: ports.kept.rosters }, rosterStream(projectId));
  const holders = (of: 'sources' | 'destinations', names: readonly string[]): [number, string][] =>
    names.flatMap((name, at) => {
      const holder = holderOf(of, name, own, earlier);
      return holder === undefined ? [] : [[at, holder]];
    });
  return { sources: holders('sources', sources.map(sameAddress)), destinations: holders('destinations', destinations.map(samePartName)) };
};

/** Whether the removal of a project has begun: its roster takes nothing any more. */
export const isClosed = async (ports: ProjectsPorts, projectId: string): Promise<boolean> =>
  (await load(ports, { evolve, initial: emptyRoster, kept: ports.kept.rosters }, rosterStream(projectId))).closed;

/** Closes the roster of a project; refused while it has mailboxes. */
export const closeRoster = async (ports: ProjectsPorts, meta: CommandMeta, ids: ProjectIds): Promise<CommandReply> => {
  const aggregate = rosters(ports, await earlierRoster(ports, ids.projectId));
  return run(ports, aggregate, rosterStream(ids.projectId), { type: 'CloseRoster', ...ids, at: meta.at }, meta);
};

type ProjectIds = Pick<RosterCommand, 'workgroupId' | 'customerId' | 'projectId'>;
