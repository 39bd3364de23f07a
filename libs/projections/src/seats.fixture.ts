import type { RecordedEvent } from '@pstream/contracts';
import { recorded } from '@pstream/testing';
import type { Projection } from './projection.js';

/** A document per pool, and one over all pools that counts them by colour; closing a pool removes its document. */
export type Seats = {
  readonly seats: number;
  readonly colour: string | null;
  readonly open?: boolean;
  readonly owner?: { readonly name: string };
};
export type Totals = { readonly total: number; readonly events: number };

export const seats: Projection<Seats> = {
  name: 'seats_available_v1',
  contexts: ['licensing'],
  keys: (event) => (event.type === 'Ignored' ? [] : [event.stream]),
  evolve: (document, event, id) => {
    const data = event.data as { readonly seats?: number; readonly colour?: string };
    const before = document ?? { seats: 0, colour: null, owner: { name: `owner of ${id}` } };
    switch (event.type) {
      case 'SeatsAdded':
        return { ...before, seats: before.seats + (data.seats ?? 0), open: true };
      case 'Painted':
        return { ...before, colour: data.colour ?? null };
      case 'PoolClosed':
        return null;
      default:
        return document;
    }
  },
  announce: ({ seats: count, colour }, id) => ({
    projectId: id,
    share: { scopes: ['all', colour ?? 'bare'], amounts: { seats: count, pools: 1 } },
  }),
  queryFields: ['seats', 'colour', 'open', 'owner.name'],
  searchFields: ['colour', 'owner.name'],
  orders: [
    { within: ['open'], sort: 'seats', filter: ['colour'] },
    { within: ['open'], sort: 'colour' },
    { sort: 'colour', filter: ['open'] },
    { sort: 'seats' },
    { sort: 'owner.name' },
  ],
};

/** Fed by every stream: the order between streams does not matter to a sum. */
export const totals: Projection<Totals> = {
  name: 'seats_total_v1',
  contexts: ['licensing'],
  keys: () => ['all'],
  evolve: (document, event) => ({
    total: (document?.total ?? 0) + ((event.data as { readonly seats?: number } | null)?.seats ?? 0),
    events: (document?.events ?? 0) + 1,
  }),
};

/** Events of one pool from the words `3` (seats), `red` (paint), `close` and `-` (nothing to see). */
export const pool = (stream: string, words: string, after = 0): RecordedEvent[] =>
  recorded(
    'licensing',
    stream,
    words.split(' ').map((word) => {
      if (word === 'close') return { type: 'PoolClosed', data: null };
      if (word === '-') return { type: 'Ignored', data: null };
      return Number.isNaN(Number(word))
        ? { type: 'Painted', data: { colour: word } }
        : { type: 'SeatsAdded', data: { seats: Number(word) } };
    }),
    { after },
  );
