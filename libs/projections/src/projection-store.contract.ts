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
      expect(await ids({ filter: { colour: { notIn: ['blue', 'green'] } } })).toEqual(['pool:a', 'pool:d', 'pool:e']);
      expect(await ids({ filter: { seats: 5, colour: { notIn: ['blue'] } } })).toEqual(['pool:a']);
      expect(await ids({ filter: { colour: { from: 'blue', before: 'red' } } })).toEqual(['pool:b', 'pool:c']);
      expect(await ids({ filter: { colour: { before: 'red' }, seats: 5 } })).toEqual(['pool:c']);
      expect(await ids({ filter: { colour: {} } })).toEqual(['pool:a', 'pool:b', 'pool:c', 'pool:d', 'pool:e']);
      expect(await ids({ filter: { 'owner.name': 'owner of pool:c' } })).toEqual(['pool:c']);
      expect(await ids({ sort: 'seats' })).toEqual(['pool:e', 'pool:b', 'pool:a', 'pool:c', 'pool:d']);
      expect(await ids({ sort: '-seats' })).toEqual(['pool:d', 'pool:c', 'pool:a', 'pool:b', 'pool:e']);
      expect(await ids({ sort: 'colour' })).toEqual(['pool:d', 'pool:b', 'pool:c', 'pool:a', 'pool:e']);
      const page = await peer.find(seats.name, { sort: '-owner.name', limit: 2 });
      expect([page.total, page.documents.map(({ id }) => id)]).toEqual([5, ['pool:e', 'pool:d']]);
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

    it('searches by what looks alike where the field says so', async () => {
      const looking: Projection<Seats> = { ...seats, name: 'looking_v1', searchFields: ['~colour'] };
      await store.prepare(looking);
      for (const [id, name] of Object.entries({ a: 'Cust0mer', b: 'CUSTOMER(1)', c: 'Buyer' }))
        await store.apply(looking, pool(`pool:${id}`, name));
      const found = async (search: string): Promise<string[]> => (await peer.find('looking_v1', { search })).documents.map(({ id }) => id);
      expect(await found('customer')).toEqual(['pool:a', 'pool:b']);
      expect(await found('ÇUST0M')).toEqual(['pool:a', 'pool:b']);
      expect(await found('(l)')).toEqual(['pool:b']);
      expect(await found('custom.r')).toEqual([]);
      await store.prepare({ ...looking, searchFields: ['colour'] });
      expect(await found('customer')).toEqual(['pool:b']);
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

    const shareOf = (id: string, offset: number, revision: number, amounts?: Record<string, number>, scopes = ['project:1', 'all']) => ({
      id,
      generation: 'g0',
      offset,
      revision,
      ...(amounts === undefined ? {} : { share: { scopes, amounts } }),
    });
    const sums = async (...scopes: string[]): Promise<unknown> => Object.fromEntries(await peer.sums(seats.name, scopes));

    it('adds shares of documents up, each once, over all partitions', async () => {
      const first = [shareOf('a', 5, 1, { items: 3, 'held.a.b': 1 }), shareOf('b', 6, 1, { items: 4 }), shareOf('a', 7, 2, { items: 10 })];
      await store.addUp(seats.name, 0, first);
      await peer.addUp(seats.name, 1, [shareOf('c', 2, 1, { items: 100 })]);
      expect(await sums('project:1', 'all', 'project:9')).toEqual({ 'project:1': { items: 114 }, all: { items: 114 } });
      await peer.addUp(seats.name, 0, [...first.slice(1), shareOf('a', 8, 2, { items: 10 }), shareOf('b', 9, 2, { items: 5 }, ['all'])]);
      expect(await sums('project:1', 'all')).toEqual({ 'project:1': { items: 110 }, all: { items: 115 } });
      await store.addUp(seats.name, 1, [shareOf('c', 3, 2)]);
      expect(await sums('project:1', 'all')).toEqual({ 'project:1': { items: 10 }, all: { items: 15 } });
      expect(await peer.revisions(seats.name, 'b')).toEqual({ current: 0, counted: 2 });
      expect(await peer.revisions('unknown_v1', 'b')).toEqual({ current: 0, counted: 0 });
    });

    it('keeps sums per generation, and those of the live one are read', async () => {
      await store.addUp(seats.name, 0, [shareOf('a', 1, 1, { items: 3 })]);
      await store.prepare(seats, 'g1');
      const other = { ...shareOf('a', 2, 1, { items: 7 }), generation: 'g1' };
      await store.addUp(seats.name, 0, [other, { ...other, generation: 'gone' }]);
      expect(await sums('all')).toEqual({ all: { items: 3 } });
      await store.promote(seats.name, 'g1');
      expect(await sums('all')).toEqual({ all: { items: 7 } });
      await store.addUp(seats.name, 0, [shareOf('a', 3, 2, { items: 50 })]);
      expect(await sums('all')).toEqual({ all: { items: 7 } });
    });

    it('adds up correctly beside another writer of the same partition', async () => {
      const records = Array.from({ length: 30 }, (_, offset) => shareOf(`d${offset % 4}`, offset, offset + 1, { items: offset }));
      const run = async (by: ProjectionStore, step: number): Promise<void> => {
        for (let start = 0; start < records.length; start += step) await by.addUp(seats.name, 0, records.slice(start, start + step));
      };
      await Promise.all([run(store, 1), run(peer, 3), run(store, 7)]);
      expect(await sums('all')).toEqual({ all: { items: 26 + 27 + 28 + 29 } });
    });

    it('shows the versions of documents in both generations, also of those that are gone', async () => {
      await store.apply(seats, [...pool('pool:1', '3 4'), ...pool('pool:2', '5 close')]);
      await store.prepare(seats, 'g1');
      await store.apply(seats, pool('pool:1', '3'), 'g1');
      const versions = (await peer.versions(seats.name, ['pool:1', 'pool:2', 'pool:3'])).map(
        ({ generation, live, id, revision, document }) =>
          `${generation} ${live} ${id} ${revision} ${document === null ? '' : (document as Seats).seats}`,
      );
      expect(versions.sort()).toEqual(['g0 true pool:1 1 7', 'g0 true pool:2 1 ', 'g1 false pool:1 1 3']);
      await store.apply(seats, pool('pool:1', 'red', 2), 'g0');
      await store.apply(seats, pool('pool:1', '-', 3), 'g0');
      expect((await peer.versions(seats.name, ['pool:1']))[0]).toMatchObject({ revision: 2 });
    });

    it('keeps a record of rebuilds, which only whoever knows the last note can change', async () => {
      const at = '2026-01-01T00:00:00.000Z';
      const record = { state: 'requested', events: 0, requestedAt: at, updatedAt: at, owner: null, code: null } as const;
      expect(await peer.rebuilds()).toEqual(new Map());
      expect(await Promise.all([store.noteRebuild(seats.name, record, 0), peer.noteRebuild(seats.name, record, 0)])).toContain(false);
      expect(await store.noteRebuild(seats.name, { ...record, state: 'running', owner: 'me' }, 1)).toBe(true);
      expect(await peer.noteRebuild(seats.name, record, 1)).toBe(false);
      expect(await store.noteRebuild('unknown_v1', record, 0)).toBe(false);
      await store.prepare(seats, 'g1');
      await store.promote(seats.name, 'g1');
      await store.prepare(seats);
      expect(await peer.rebuilds()).toEqual(new Map([[seats.name, { ...record, state: 'running', owner: 'me', revision: 2 }]]));
    });

    it('forgets what comes before a text', async () => {
      await store.apply(seats, [...pool('2026-01/x', '3'), ...pool('2026-02/x', '4')]);
      await store.addUp(seats.name, 0, [
        shareOf('2026-01/x', 1, 1, { items: 3 }, ['2026-01/all']),
        shareOf('2026-02/x', 2, 1, { items: 4 }, ['2026-02/all']),
      ]);
      await peer.prune(seats.name, '2026-02');
      expect(await ids({})).toEqual(['2026-02/x']);
      expect(await sums('2026-01/all', '2026-02/all')).toEqual({ '2026-02/all': { items: 4 } });
      expect(await peer.revisions(seats.name, '2026-01/x')).toEqual({ current: 0, counted: 0 });
      expect(await peer.revisions(seats.name, '2026-02/x')).toEqual({ current: 1, counted: 1 });
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
