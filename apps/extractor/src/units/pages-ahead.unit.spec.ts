import type { ExtractionEvent, PassRefs } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import { evolve } from '../domain/extraction/evolve.js';
import { newExtraction, type Extraction } from '../domain/extraction/state.js';
import type { Source } from '../source/source.js';
import type { Task } from '../worker.js';
import { PagesAhead } from './pages-ahead.js';

const at = '2026-03-01T00:00:00.000Z';
const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const mailbox = { id: 'MBX:1', version: 'v1.0' as const };
const folder = (key: string, more: { left?: 'search-folder'; recoverable?: true; from?: string } = {}) => ({
  key,
  parent: null,
  name: key,
  containerClass: null,
  wellKnownName: null,
  hidden: false,
  expected: 1,
  id: key,
  mailbox,
  ...more,
});
const discovered: ExtractionEvent = {
  type: 'FoldersDiscovered',
  data: {
    ...refs,
    folders: [
      folder('a'),
      folder('s', { left: 'search-folder' }),
      folder('b'),
      folder('r', { recoverable: true }),
      folder('c', { from: 'link' }),
      folder('d'),
      folder('e'),
    ],
    last: true,
    at,
  },
};
const listed = (folderKey: string): ExtractionEvent => ({
  type: 'PageListed',
  data: {
    ...refs,
    folderKey,
    page: 0,
    mailbox,
    items: 0,
    bytes: 0,
    again: false,
    repeats: 0,
    slices: [],
    manifest: null,
    next: null,
    delta: null,
    at,
  },
});

describe('first pages asked for ahead', () => {
  let state: Extraction;
  let asked: string[];
  let ahead: PagesAhead;

  const client = {
    itemPage: async (_: unknown, id: string, cursor: string | null) => {
      asked.push(cursor === null ? id : `${id} ${cursor}`);
      if (id === 'b') throw new Fault('graph.folder-gone', { retry: 'never' });
      return { id };
    },
  } as unknown as Source;
  const task = (folderKey: string) =>
    ({
      worker: { limits: { batchesAtOnce: 4, pageItems: 200 } },
      control: { refs },
      state,
      unit: { kind: 'page', ...refs, folderKey, page: 0 },
    }) as unknown as Task<'page'>;
  const take = (folderKey: string) => ahead.take(task(folderKey), state.folders.get(folderKey)!.next);

  const every = (): boolean => true;

  beforeEach(() => {
    state = newExtraction();
    evolve(state, discovered);
    asked = [];
    ahead = new PagesAhead();
  });

  it('are those of the next folders that are listed item by item, one less than a mailbox may have calls', () => {
    ahead.ask(task('a'), client, every);
    expect(asked).toEqual(['b', 'c link', 'd']);
  });

  it('leave out a folder that is not wanted now', () => {
    ahead.ask(task('a'), client, (key) => key !== 'b');
    expect(asked).toEqual(['c link', 'd', 'e']);
  });

  it('make room for the next when they are taken, and are asked for once', async () => {
    ahead.ask(task('a'), client, every);
    evolve(state, listed('a'));
    expect(await take('b')).toBeUndefined();
    ahead.ask(task('b'), client, every);
    evolve(state, listed('b'));
    expect(await take('c')).toEqual({ id: 'c' });
    expect(take('c')).toBeUndefined();
    ahead.ask(task('c'), client, every);
    expect(asked).toEqual(['b', 'c link', 'd', 'e']);
  });

  it('are forgotten with their pass', () => {
    ahead.ask(task('a'), client, every);
    ahead.forget('x');
    expect(take('c')).toBeUndefined();
  });
});
