import { Readable } from 'node:stream';
import { ALL_PLANS, VIEWS, type Change, type Switched } from '@pstream/contracts';
import type { ChangeRing, Held } from './change-ring.js';

/** Whose changes a client asks for; both absent: everyone's. */
export type Concerning = { readonly project?: string | undefined; readonly customer?: string | undefined };

/** Whose changes a client may be told of: `customers` are those of its workgroup, undefined while there is no other workgroup. */
export type Within = {
  readonly workgroupId: string;
  readonly customers: ReadonlySet<string> | undefined;
  /** The projects that the client sees; undefined for all. */
  readonly projects?: ReadonlySet<string> | undefined;
};

/** Bytes that may wait for a client that reads more slowly than things change. */
const MOST_WAITING_BYTES = 256 * 1024;

const NAMES = new Map<string, string>(Object.entries(VIEWS).map(([name, view]) => [view, name]));

/** One client of `GET /v1/events`: text of server-sent events. Begins with what came after `from`, or with `ready`; a client that
 *  cannot be given everything gets `reset` with the position from which it will miss nothing again. */
export class EventStream extends Readable {
  readonly #concerning: Concerning;
  #within: Within;
  #behind = false;

  constructor(concerning: Concerning, within: Within, ring: ChangeRing, from: string | undefined) {
    super({ highWaterMark: MOST_WAITING_BYTES });
    this.#concerning = concerning;
    this.#within = within;
    const missed = from === undefined ? undefined : ring.since(from);
    if (from !== undefined && missed === undefined) this.#write('reset', ring.position, {});
    else this.#write('ready', from ?? ring.position, {});
    for (const held of missed ?? []) this.hand(held, ring);
  }

  override _read(): void {
    // What comes is pushed; there is nothing to fetch.
  }

  /** Hands a change on, if it concerns the client. */
  hand({ change, position }: Held, ring: ChangeRing): void {
    if (this.#behind && this.readableLength === 0) {
      this.#behind = false;
      this.#write('reset', ring.position, {});
    }
    if (this.#behind || !isWithin(change, this.#within) || !concerns(change, this.#concerning)) return;
    if (this.readableLength >= MOST_WAITING_BYTES) this.#behind = true;
    else if ('switched' in change) this.#write('reset', position, {});
    else this.#write('changed', position, shown(change));
  }

  /** From now on the client may be told of these. Where customers have come, what was kept from it until now may concern it. */
  narrow(within: Within, ring: ChangeRing): void {
    const before = this.#within;
    this.#within = within;
    if (hasMore(before.customers, within.customers) || hasMore(before.projects, within.projects)) this.#write('reset', ring.position, {});
  }

  /** A comment, so that whatever stands between does not take the connection for dead. A client that has caught up hears what it missed. */
  beat(ring: ChangeRing): void {
    if (this.#behind && this.readableLength === 0) {
      this.#behind = false;
      this.#write('reset', ring.position, {});
    } else if (!this.#behind) this.push(':\n\n');
  }

  #write(event: 'ready' | 'reset' | 'changed', position: string, data: object): void {
    this.push(`id: ${position}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

/** Whether there is something in the set now that was not; undefined holds everything. */
const hasMore = (before: ReadonlySet<string> | undefined, now: ReadonlySet<string> | undefined): boolean => {
  if (before === undefined || now === undefined) return before !== now;
  return [...now].some((id) => !before.has(id));
};

/** Views of whole workgroups, whose documents are named by them. */
const OF_WORKGROUPS: ReadonlySet<string> = new Set([VIEWS.licences, VIEWS.workgroups, VIEWS.plans, VIEWS.noticeTemplates]);

/** Nothing of another workgroup is sent: where there are several, whatever names no customer goes to the workgroup that it is named by, or to nobody. */
const isWithin = (change: Change | Switched, { workgroupId, customers, projects }: Within): boolean => {
  if ('switched' in change) return true;
  if (projects !== undefined && change.projectId !== undefined && !projects.has(change.projectId)) return false;
  if (customers === undefined) return true;
  if (change.customerId !== undefined) return customers.has(change.customerId);
  // A pause of everything concerns whoever exports.
  return OF_WORKGROUPS.has(change.view) && (change.id === workgroupId || (change.view === VIEWS.plans && change.id === ALL_PLANS));
};

/** A change that names nobody concerns everyone. */
const concerns = (change: Change | Switched, { project, customer }: Concerning): boolean =>
  'switched' in change ||
  (change.live &&
    (project === undefined || change.projectId === undefined || change.projectId === project) &&
    (customer === undefined || change.customerId === undefined || change.customerId === customer));

const shown = ({ view, id, projectId, customerId, gone }: Change) => ({
  view: NAMES.get(view) ?? view,
  id,
  projectId: projectId ?? null,
  customerId: customerId ?? null,
  gone,
});
