import { VIEWS } from '@pstream/contracts';
import type { FindOptions, ProjectionReader } from '@pstream/projections';
import { FakeClock } from '@pstream/testing';
import { z } from 'zod';
import { Views } from './views.js';

describe('everything in a view that matches', () => {
  it('is read, however many pages that takes', async () => {
    const asked: FindOptions[] = [];
    const find = (_view: string, options: FindOptions = {}): ReturnType<ProjectionReader['find']> => {
      asked.push(options);
      const from = Number(options.after ?? 0);
      const documents = Array.from({ length: Math.min(options.limit ?? 0, 2_500 - from) }, (_, n) => ({
        id: `${from + n}`,
        document: { name: `part ${from + n}` },
        seen: {},
      }));
      const next = from + documents.length;
      return Promise.resolve({ documents, total: 2_500, ...(next < 2_500 ? { next: `${next}` } : {}) }) as ReturnType<
        ProjectionReader['find']
      >;
    };
    const views = new Views({ find } as unknown as ProjectionReader, new FakeClock());
    const all = await views.all(VIEWS.parts, z.object({ name: z.string() }), { mailboxJobId: 'm' }, 'name');
    expect(all.map(({ name }) => name)).toEqual(Array.from({ length: 2_500 }, (_, n) => `part ${n}`));
    expect(asked.map(({ after, sort, filter }) => [after, sort, filter])).toEqual(
      [undefined, '1000', '2000'].map((after) => [after, 'name', { mailboxJobId: 'm' }]),
    );
  });
});
