import type { Filter, Projection, ProjectionStore } from './projection.js';
import { pool, seats, totals, type Seats } from './seats.fixture.js';

/** What every projection store must do. `make` gives an empty one; `peer`, where it can be shared, a second client of it. */
export const projectionStoreContract = (
  title: string,
  make: () => Promise<{ readonly store: ProjectionStore; readonly peer?: ProjectionStore }>,
): void =>
  describe(`projection store contract: ${title}`, () => {
    let store: ProjectionStore;
    let peer: ProjectionStore;
    beforeEach(async () => {
      const made = await make();
      store = made.store;
      peer = made.peer ?? made.store;
      await store.prepare(seats);
      await store.prepare(totals);
    });
    afterEach(async () => {
      await store.close();
      if (peer !== store) await peer.close();
    });
    const get = async (id: string): Promise<Seats | undefined> => (await peer.get<Seats>(seats.name, id))?.document;
    const ids = async (options: Parameters<ProjectionStore['find']>[1]): Promise<string[]> =>
      (await peer.find(seats.name, options)).documents.map(({ id }) => id);

    it('makes documents from events and knows what they have seen', async () => {
      expect(await store.apply(seats, [...pool('pool:1', '3 red'), ...pool('pool:2', '5')])).toEqual([]);
      expect(await peer.get(seats.name, 'pool:1')).toEqual({
        id: 'pool:1',
        document: { seats: 3, colour: 'red', open: true, owner: { name: 'owner of pool:1' } },
        seen: { 'pool:1': 2 },
      });
      expect(await get('pool:2')).toMatchObject({ seats: 5 });
      expect(await get('pool:3')).toBeUndefined();
    });

    it('applies every event once, however often it comes', async () => {
      const events = pool('pool:1', '3 4 red');
      await store.apply(seats, events.slice(0, 2));
      await peer.apply(seats, events);
      await store.apply(seats, events.slice(1));
      await store.apply(seats, [...events, ...events]);
      expect(await get('pool:1')).toMatchObject({ seats: 7, colour: 'red' });
    });

    it('feeds one document from many streams', async () => {
      await store.apply(totals, [...pool('pool:1', '3 4'), ...pool('pool:2', '5')]);
      await store.apply(totals, [...pool('pool:2', '6', 1), ...pool('pool:1', '3 4')]);
      expect(await peer.get(totals.name, 'all')).toEqual({
        id: 'all',
        document: { total: 18, events: 4 },
        seen: { 'pool:1': 2, 'pool:2': 2 },
      });
    });

    it('names a hole, stops that stream there and applies the others', async () => {
      const live = await store.liveGeneration(seats.name);
      const first = pool('pool:1', '1 1 1 1 1');
      expect(await store.apply(seats, [...first.slice(0, 2), ...first.slice(3), ...pool('pool:2', '5')])).toEqual([
        { generation: live, stream: 'pool:1', seen: 2, next: 4 },
      ]);
      expect(await get('pool:1')).toMatchObject({ seats: 2 });
      expect(await get('pool:2')).toMatchObject({ seats: 5 });
      expect(await store.apply(seats, first.slice(2))).toEqual([]);
      expect(await get('pool:1')).toMatchObject({ seats: 5 });
    });

    it('finds the beginning of a stream missing too', async () => {
      const live = await store.liveGeneration(seats.name);
      expect(await store.apply(seats, pool('pool:1', '1', 6))).toEqual([{ generation: live, stream: 'pool:1', seen: 0, next: 7 }]);
      expect(await get('pool:1')).toBeUndefined();
    });

    it('does not bring a deleted document back when its events are repeated', async () => {
      const events = pool('pool:1', '3 close');
      await store.apply(seats, events);
      expect(await get('pool:1')).toBeUndefined();
      expect(await peer.find(seats.name)).toEqual({ documents: [], total: 0 });
      await store.apply(seats, events);
      expect(await get('pool:1')).toBeUndefined();
      await store.apply(seats, pool('pool:1', '4', 2));
      expect(await get('pool:1')).toMatchObject({ seats: 4 });
    });

    it('moves the position with events that concern no document', async () => {
      await store.apply(seats, pool('pool:1', '3 - -'));
      expect(await peer.position(seats.name, 'pool:1')).toBe(3);
      expect(await peer.position(seats.name, 'pool:2')).toBe(0);
      expect((await peer.get(seats.name, 'pool:1'))?.seen).toEqual({ 'pool:1': 1 });
      expect(await peer.position('unknown_v1', 'pool:1')).toBe(0);
    });

    it('filters, sorts and pages by declared fields, ties broken by id', async () => {
      for (const [id, words] of Object.entries({ a: '5 red', b: '1 blue', c: '5 blue', d: '9', e: 'red', f: '5 close' }))
        await store.apply(seats, pool(`pool:${id}`, words));
      expect(await ids({})).toEqual(['pool:a', 'pool:b', 'pool:c', 'pool:d', 'pool:e']);
      expect(await ids({ filter: { colour: 'blue' } })).toEqual(['pool:b', 'pool:c']);
      expect(await ids({ filter: { colour: 'blue', seats: 5 } })).toEqual(['pool:c']);
      expect(await ids({ filter: { colour: null } })).toEqual(['pool:d']);
      expect(await ids({ filter: { open: true } })).toEqual(['pool:a', 'pool:b', 'pool:c', 'pool:d']);
      expect(await ids({ filter: { open: null } })).toEqual(['pool:e']);
      expect(await ids({ filter: { seats: { in: [1, 9] } } })).toEqual(['pool:b', 'pool:d']);
      expect(await ids({ filter: { colour: { in: ['red', 'green'] } } })).toEqual(['pool:a', 'pool:e']);
      expect(await ids({ filter: { colour: { in: [] } } })).toEqual([]);
      expect(await ids({ filter: { 'owner.name': 'owner of pool:c' } })).toEqual(['pool:c']);
      expect(await ids({ sort: 'seats' })).toEqual(['pool:e', 'pool:b', 'pool:a', 'pool:c', 'pool:d']);
      expect(await ids({ sort: '-seats' })).toEqual(['pool:d', 'pool:c', 'pool:a', 'pool:b', 'pool:e']);
      expect(await ids({ sort: 'colour' })).toEqual(['pool:d', 'pool:b', 'pool:c', 'pool:a', 'pool:e']);
      const page = await peer.find(seats.name, { sort: '-owner.name', limit: 2, offset: 1 });
      expect([page.total, page.documents.map(({ id }) => id)]).toEqual([5, ['pool:d', 'pool:c']]);
      expect(await peer.find(seats.name, { limit: 0 })).toEqual({ documents: [], total: 5 });
      expect(await peer.find('unknown_v1')).toEqual({ documents: [], total: 0 });
    });

    it('pages by cursor in every order, once through each document', async () => {
      for (const [id, words] of Object.entries({
        a: '5 red',
        b: '1 blue',
        c: '5 blue',
        d: '9',
        e: 'red',
        f: '5 close',
        g: '5',
        h: '1 red',
      }))
        await store.apply(seats, pool(`pool:${id}`, words));
      const filters: readonly Filter[] = [{}, { open: true }, { colour: { in: ['red', 'blue'] } }];
      for (const filter of filters) {
        for (const sort of [undefined, 'seats', '-seats', 'colour', '-colour', '-owner.name', 'open', '-open']) {
          const order = { filter, ...(sort === undefined ? {} : { sort }) };
          const all = await ids(order);
          for (const limit of [1, 2, 3, 7]) {
            const paged: string[] = [];
            let after: string | undefined;
            do {
              const page = await peer.find(seats.name, { ...order, limit, ...(after === undefined ? {} : { after }) });
              expect(page.total).toBe(all.length);
              paged.push(...page.documents.map(({ id }) => id));
              after = page.next;
            } while (after !== undefined);
            expect([sort, limit, paged]).toEqual([sort, limit, all]);
          }
        }
      }
    });

    it('goes on behind a document that is gone meanwhile', async () => {
      for (const id of ['a', 'b', 'c', 'd']) await store.apply(seats, pool(`pool:${id}`, '5'));
      const { next = '' } = await peer.find(seats.name, { sort: 'seats', limit: 2 });
      await store.apply(seats, pool('pool:b', 'close', 1));
      expect(await ids({ sort: 'seats', limit: 2, after: next })).toEqual(['pool:c', 'pool:d']);
    });

    it('refuses a cursor of another order, and what is no cursor', async () => {
      for (const id of ['a', 'b']) await store.apply(seats, pool(`pool:${id}`, '5'));
      const { next = '' } = await peer.find(seats.name, { sort: 'seats', limit: 1 });
      for (const [sort, after] of [
        ['-seats', next],
        ['colour', next],
        ['seats', 'nonsense'],
        ['seats', ''],
      ] as const)
        await expect(store.find(seats.name, { sort, after })).rejects.toMatchObject({ code: 'projection.bad-cursor', retry: 'never' });
    });

    it('searches without regard to case, accents and the signs of patterns', async () => {
      for (const [id, words] of Object.entries({ a: 'Grün', b: 'gru', c: 'a.c', d: 'abc', e: '100%', f: '1', g: 'GRÜNE close' }))
        await store.apply(seats, pool(`pool:${id}`, words));
      expect(await ids({ search: 'GRU' })).toEqual(['pool:a', 'pool:b']);
      expect(await ids({ search: 'rün' })).toEqual(['pool:a']);
      expect(await ids({ search: 'a.c' })).toEqual(['pool:c']);
      expect(await ids({ search: '%' })).toEqual(['pool:e']);
      expect(await ids({ search: 'POOL:D' })).toEqual(['pool:d']);
      expect(await ids({ search: '^' })).toEqual([]);
      expect(await ids({ search: '' })).toHaveLength(6);
      const page = await peer.find(seats.name, { filter: { open: null }, search: 'ru', sort: '-colour', limit: 1 });
      expect([page.total, page.documents.map(({ id }) => id), page.next !== undefined]).toEqual([2, ['pool:b'], true]);
      await store.apply(seats, pool('pool:b', 'blue', 1));
      expect(await ids({ search: 'gru' })).toEqual(['pool:a']);
    });

    it('takes a new search field for documents that are there already', async () => {
      const before: Projection<Seats> = { ...seats, name: 'growing_v1', searchFields: [] };
      await store.prepare(before);
      await store.apply(before, pool('pool:1', 'red'));
      await expect(store.find('growing_v1', { search: 'red' })).rejects.toThrow('declares search fields');
      await store.prepare({ ...before, searchFields: ['colour'] });
      expect((await store.find('growing_v1', { search: 'RED' })).total).toBe(1);
    });

    it('refuses fields that are not declared, in words of a statement too', async () => {
      await expect(store.find(seats.name, { filter: { secret: 1 } })).rejects.toThrow('secret is not a declared query field');
      await expect(store.find(seats.name, { sort: 'seats") --' })).rejects.toThrow('not a declared query field');
      await expect(store.prepare({ ...seats, name: 'bad"name' })).rejects.toThrow("not a projection's name");
    });

    it('takes a new query field for documents that are there already', async () => {
      const before: Projection<Seats> = {
        ...seats,
        name: 'growing_v1',
        queryFields: ['seats'],
        searchFields: [],
        orders: [{ sort: 'seats' }],
      };
      await store.prepare(before);
      await store.apply(before, [...pool('pool:1', '3 red'), ...pool('pool:2', '4 blue')]);
      const after = { ...before, queryFields: ['seats', 'colour'], orders: [{ sort: 'colour' }] };
      await store.prepare(after);
      await store.apply(after, pool('pool:1', '1', 2));
      expect((await store.find('growing_v1', { filter: { colour: 'red' } })).documents.map(({ document }) => document)).toEqual([
        { seats: 4, colour: 'red', open: true, owner: { name: 'owner of pool:1' } },
      ]);
    });

    it('keeps documents of any JSON shape', async () => {
      const shape = { 'a.b': 1, $set: { deep: [null, true, 'ü', 2 ** 53 - 1, -0.5] }, empty: {}, '': 'no name', list: [[]] };
      const odd: Projection = { name: 'odd_v1', contexts: ['licensing'], keys: () => ['it\'s "odd"'], evolve: () => shape };
      await store.prepare(odd);
      await store.apply(odd, pool('pool:1', '1'));
      expect((await peer.get('odd_v1', 'it\'s "odd"'))?.document).toEqual(shape);
    });

    it('keeps everything when it is prepared again', async () => {
      await store.apply(seats, pool('pool:1', '3'));
      await peer.prepare(seats);
      expect(await get('pool:1')).toMatchObject({ seats: 3 });
    });

    it('fills another generation beside the live one, unseen until it is promoted', async () => {
      await store.apply(seats, pool('pool:1', '3'));
      await store.prepare(seats, 'g1');
      expect(await store.apply(seats, pool('pool:1', '30'), 'g1')).toEqual([]);
      expect(await get('pool:1')).toMatchObject({ seats: 3 });
      expect(await peer.liveGeneration(seats.name)).toBe('g0');
      await store.promote(seats.name, 'g1');
      expect(await get('pool:1')).toMatchObject({ seats: 30 });
      expect(await peer.liveGeneration(seats.name)).toBe('g1');
      expect(await peer.position(seats.name, 'pool:1')).toBe(1);
      expect(await ids({ filter: { seats: 30 } })).toEqual(['pool:1']);
      await expect(store.apply(seats, pool('pool:1', '1', 1), 'g0')).rejects.toMatchObject({
        code: 'projection.generation-gone',
        retry: 'never',
      });
      await store.apply(seats, pool('pool:1', '1', 1));
      expect(await get('pool:1')).toMatchObject({ seats: 31 });
    });

    it('applies what arrives to both generations, and names the holes of each', async () => {
      await store.apply(seats, pool('pool:1', '3'));
      await store.prepare(seats, 'g1');
      expect(await peer.apply(seats, [...pool('pool:1', '4', 1), ...pool('pool:2', '5')])).toEqual([
        { generation: 'g1', stream: 'pool:1', seen: 0, next: 2 },
      ]);
      expect(await store.apply(seats, pool('pool:1', '3 4'), 'g1')).toEqual([]);
      await store.promote(seats.name, 'g1');
      expect(await get('pool:1')).toMatchObject({ seats: 7 });
      expect(await get('pool:2')).toMatchObject({ seats: 5 });
    });

    it('lets the last of two rebuilds count', async () => {
      await store.prepare(seats, 'g1');
      await store.apply(seats, pool('pool:1', '1'), 'g1');
      await peer.prepare(seats, 'g2');
      await expect(store.apply(seats, pool('pool:1', '1'), 'g1')).rejects.toMatchObject({ code: 'projection.generation-gone' });
      await expect(store.promote(seats.name, 'g1')).rejects.toMatchObject({ code: 'projection.generation-gone' });
      await store.discard(seats.name, 'g1');
      await store.apply(seats, pool('pool:1', '2'), 'g2');
      await store.promote(seats.name, 'g2');
      expect(await get('pool:1')).toMatchObject({ seats: 2 });
    });

    it('forgets a discarded generation and goes on', async () => {
      await store.apply(seats, pool('pool:1', '3'));
      await store.prepare(seats, 'g1');
      await store.discard(seats.name, 'g1');
      expect(await store.apply(seats, pool('pool:1', '4', 1))).toEqual([]);
      expect(await get('pool:1')).toMatchObject({ seats: 7 });
      await store.prepare(seats, 'g1');
      await store.promote(seats.name, 'g1');
      expect(await get('pool:1')).toBeUndefined();
    });

    it('survives two projectors on the same streams', async () => {
      const streams = Array.from({ length: 5 }, (_, index) => pool(`pool:${index}`, '1 2 3 4 5 6'));
      const project = async (by: ProjectionStore, step: number): Promise<void> => {
        for (let start = 0; start < 6; start += step) {
          const events = streams.flatMap((events) => events.slice(start, start + step));
          await by.apply(totals, events);
          await by.apply(seats, events);
        }
      };
      await Promise.all([project(store, 1), project(peer, 2), project(store, 3)]);
      expect((await peer.get(totals.name, 'all'))?.document).toEqual({ total: 105, events: 30 });
      for (let index = 0; index < 5; index++) expect(await get(`pool:${index}`)).toMatchObject({ seats: 21 });
    });
  });
