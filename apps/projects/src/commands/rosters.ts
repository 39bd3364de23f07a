import { projectStream, rosterStream, type LineItem } from '@pstream/contracts';
import { emptyRoster, evolve, type Roster } from '../domain/roster/state.js';
import { load, type ProjectsPorts } from './ports.js';

/** Line items that releases up to 0.2.0 put on the project's own stream; nothing is added to them. */
export const earlierRoster = (ports: ProjectsPorts, projectId: string): Promise<Roster> =>
  load(ports, { evolve, initial: emptyRoster, kept: ports.kept.earlierRosters }, projectStream(projectId));

/** Both rosters of a project: that of its own stream, which only earlier releases wrote, and that of now. */
export const rostersOf = async (ports: ProjectsPorts, projectId: string): Promise<readonly [earlier: Roster, own: Roster]> => [
  await earlierRoster(ports, projectId),
  await load(ports, { evolve, initial: emptyRoster, kept: ports.kept.rosters }, rosterStream(projectId)),
];

/** Every line item of a project, in the order in which they were added. */
export const lineItemsOf = function* (...rosters: readonly Roster[]): Generator<LineItem> {
  for (const { items } of rosters) yield* items.values();
};
