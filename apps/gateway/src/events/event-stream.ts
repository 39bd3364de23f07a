import { Readable } from 'node:stream';
import { VIEWS, type Change, type Switched } from '@pstream/contracts';
import type { ChangeRing, Held } from './change-ring.js';
import { nameOf, reaches, type Within } from './reach.js';

/** Whose changes a client asks for; both absent: everyone's. */
export type Concerning = { readonly project?: string | undefined; readonly customer?: string | undefined };

/** Bytes that may wait for a client that reads more slowly than things change. */
const MOST_WAITING_BYTES = 256 * 1024;

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

  /** Has the client read everything again: something was lost before it came here. */
  reset(ring: ChangeRing): void {
    // One that is behind is reset when it reads again.
    if (!this.#behind) this.#write('reset', ring.position, {});
  }

  /** Hands a change on, if it concerns the client. */
  hand({ change, position }: Held, ring: ChangeRing): void {
    if (this.#behind && this.readableLength === 0) {
      this.#behind = false;
      this.#write('reset', ring.position, {});
    }
    if (this.#behind || !reaches(change, this.#within) || !concerns(change, this.#concerning)) return;
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

/** A change that names nobody concerns everyone. One that names a workgroup concerns a single project or customer only if it is a plan: that holds for all. */
const concerns = (change: Change | Switched, { project, customer }: Concerning): boolean => {
  if ('switched' in change) return true;
  if (!change.live) return false;
  if (project === undefined && customer === undefined) return true;
  if (change.workgroupId !== undefined) return change.view === VIEWS.plans;
  return (
    (project === undefined || change.projectId === undefined || change.projectId === project) &&
    (customer === undefined || change.customerId === undefined || change.customerId === customer)
  );
};

const shown = ({ view, id, projectId, customerId, gone }: Change) => ({
  view: nameOf(view) ?? view,
  id,
  projectId: projectId ?? null,
  customerId: customerId ?? null,
  gone,
});
