import {
  endpointStream,
  placeName,
  placeStream,
  projectStream,
  samePartName,
  type CommandMeta,
  type LineItem,
  type NameClaim,
} from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { decide, evolve, newPlace, numberedAfter, offerFor, takenIn, type Freed } from '../domain/place/decide.js';
import type { MailboxJob } from '../domain/mailbox-job/state.js';
import type { ProjectSettings } from '../domain/project/decide.js';
import { endpoints, projects } from './aggregates.js';
import { mailboxJob } from './passes.js';
import { execute, load, type ProjectsPorts } from './ports.js';
import { lineItemsOf } from './rosters.js';

/** Why a mailbox cannot have a name: who holds it, and a name that is free instead. As facts of a rejection. */
export type NameTaken = { readonly offer: string; readonly holder?: string };

/** The names that were refused, by mailbox. */
export type Refused = ReadonlyMap<string, NameTaken>;

/** Claims the PST names of line items at the destination of their project, over all projects that write there. Where the destination endpoint is
 *  gone, there is nothing to claim. */
export const claimNames = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  settings: ProjectSettings,
  items: readonly LineItem[],
): Promise<Refused> => {
  const place = await placeOf(ports, settings);
  if (place === undefined || items.length === 0) return new Map();
  const { projectId, type } = settings;
  const claims = items.map(({ mailboxJobId, destination }): NameClaim => ({ projectId, mailboxJobId, name: destination }));
  const aggregate = placesOf(ports);
  const stream = placeStream(deriveId('place', place));
  const before = await load(ports, aggregate, stream);
  const free = await freeNames(
    ports,
    place,
    claims.flatMap(({ name, mailboxJobId }) => {
      const holder = before.holders.get(samePartName(name));
      return holder === undefined || holder.mailboxJobId === mailboxJobId ? [] : [holder];
    }),
  );
  // What it is decided on may change, so the same command may have to claim more when it is sent again.
  const commandId = deriveId('claim-names', meta.commandId, projectId, ...[...free].flat(), ...claims.map(({ name }) => name));
  const outcome = await execute(
    ports,
    aggregate,
    stream,
    { type: 'ClaimNames', place, claims, free, at: meta.at },
    { commandId, by: meta.by, at: meta.at },
  );
  const now = outcome.accepted ? outcome.state : before;
  const own = new Set(items.map(({ destination }) => samePartName(destination)));
  const offered = new Set<string>();
  return new Map(
    takenIn(now, claims, new Map()).map(({ mailboxJobId, name }) => {
      const offer = offerFor(name, type, (one) => {
        const key = samePartName(one);
        const holder = now.holders.get(key)?.mailboxJobId ?? mailboxJobId;
        return holder === mailboxJobId && !own.has(key) && !offered.has(key);
      });
      offered.add(samePartName(offer));
      const holder = now.holders.get(samePartName(name))?.mailboxJobId;
      return [mailboxJobId, { offer, ...(holder === undefined || holder === mailboxJobId ? {} : { holder }) }];
    }),
  );
};

/** A name for the next PSTs of a mailbox whose earlier ones keep theirs, which nobody has at the destination or on the roster. It is not claimed yet. */
export const nextName = async (
  ports: ProjectsPorts,
  settings: ProjectSettings,
  { mailboxJobId, destination }: LineItem,
): Promise<string> => {
  const place = await placeOf(ports, settings);
  const { holders } = place === undefined ? newPlace() : await load(ports, placesOf(ports), placeStream(deriveId('place', place)));
  const roster = await lineItemsOf(ports, settings.projectId);
  const used = new Set([destination, ...(await mailboxJob(ports, mailboxJobId)).keptNames].map(samePartName));
  return numberedAfter(destination, (one) => {
    const key = samePartName(one);
    const others = [holders.get(key)?.mailboxJobId, roster.holderOf(one)].filter((holder) => (holder ?? mailboxJobId) !== mailboxJobId);
    return !used.has(key) && others.length === 0;
  });
};

const placesOf = ({ kept }: ProjectsPorts) => ({ decide, evolve, initial: newPlace, kept: kept.places });

const placeOf = async (ports: ProjectsPorts, { destinationEndpointId, container }: ProjectSettings): Promise<string | undefined> => {
  const endpoint = await load(ports, endpoints, endpointStream(destinationEndpointId));
  return endpoint.is !== 'endpoint' || endpoint.config.kind === 'microsoft-365' ? undefined : placeName(endpoint.config, container);
};

/** Names at this place that their holders need no longer. One that has written there keeps its name until it is removed. */
const freeNames = async (ports: ProjectsPorts, place: string, holders: readonly NameClaim[]): Promise<Freed> => {
  const free = new Map<string, string>();
  for (const { projectId, mailboxJobId, name } of holders) {
    const job = await mailboxJob(ports, mailboxJobId);
    const item = job.item ?? (await lineItemsOf(ports, projectId)).find(mailboxJobId);
    const home = await load(ports, projects, projectStream(job.item?.projectId ?? projectId));
    const isGone = job.is === 'removed' || item === undefined || home.is !== 'project';
    const key = samePartName(name);
    if (isGone || ![item.destination, ...written(job)].some((one) => samePartName(one) === key)) free.set(key, mailboxJobId);
    // What has been written somewhere stays there, whatever the project's container is now.
    else if (!job.exported && written(job).length === 0 && (await placeOf(ports, home.settings)) !== place) free.set(key, mailboxJobId);
  }
  return free;
};

/** The names under which an open pass writes, and under which PSTs of earlier rounds are kept. */
const written = (job: MailboxJob): string[] => [...job.keptNames, ...('pass' in job ? [job.pass.settings.destinationName] : [])];
