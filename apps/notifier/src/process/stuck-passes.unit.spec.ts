import { VIEWS } from '@pstream/contracts';
import type { Document, ProjectionReader } from '@pstream/projections';
import { stuckPasses, workgroupOf } from './stuck-passes.js';

const NOW = '2026-03-31T10:00:00.000Z';
const ago = (minutes: number): string => new Date(Date.parse(NOW) - minutes * 60_000).toISOString();
const held = (minutes: number, advice: string | null = 'Wait.') => ({
  kind: 'limit',
  code: 'graph.throttled',
  limit: 'x',
  advice,
  since: ago(minutes),
  until: NOW,
});

/** A read model with these mailboxes, in pages of two. */
const readerOf = (mailboxes: readonly Document[]): ProjectionReader => {
  const find = async (view: string, { filter, after }: { filter: Document; after?: string }) => {
    const at = Number(after ?? 0);
    const all = view === VIEWS.mailboxes ? mailboxes.filter(({ status }) => status === filter['status']) : [];
    const documents = all.slice(at, at + 2).map((document) => ({ id: 'x', document, seen: {} }));
    return { documents, total: all.length, ...(at + 2 < all.length ? { next: String(at + 2) } : {}) };
  };
  const get = async (_view: string, id: string) => (id === 'c' ? { id, document: { workgroupId: 'w' }, seen: {} } : undefined);
  return { find, get } as unknown as ProjectionReader;
};
const mailbox = (name: string, more: object): Document => ({
  mailboxJobId: name,
  projectId: 'p',
  customerId: 'c',
  source: `${name}@contoso.com`,
  status: 'Migrating',
  pass: { passId: `pass-${name}`, number: 2, kind: 'full' },
  held: null,
  progressAt: NOW,
  ...more,
});
const stuck = async (...mailboxes: Document[]): Promise<unknown[]> => {
  const found: unknown[] = [];
  for await (const one of stuckPasses(readerOf(mailboxes), NOW)) found.push(one);
  return found;
};

describe('passes that do not go on', () => {
  it('are those that have waited for one cause for an hour, and those of which nothing was heard for half an hour', async () => {
    const found = await stuck(
      mailbox('goes', {}),
      mailbox('waits', { held: held(59), progressAt: ago(120) }),
      mailbox('held', { held: held(60) }),
      mailbox('quiet', { progressAt: ago(29) }),
      mailbox('silent', { progressAt: ago(30) }),
      mailbox('queued', { status: 'Queued', held: held(600) }),
      mailbox('begins', { progressAt: null }),
      mailbox('unadvised', { held: held(600, null) }),
    );
    const pass = { customerId: 'c', projectId: 'p', passKind: 'full', pass: 2, at: NOW };
    expect(found).toEqual([
      {
        passId: 'pass-held',
        customerId: 'c',
        entry: {
          ...pass,
          kind: 'pass.held',
          code: 'graph.throttled',
          advice: 'Wait.',
          mailboxJobId: 'held',
          source: 'held@contoso.com',
          passId: 'pass-held',
        },
      },
      expect.objectContaining({ passId: 'pass-silent', entry: expect.objectContaining({ kind: 'pass.silent', code: 'pass.silent' }) }),
      expect.objectContaining({ entry: expect.not.objectContaining({ advice: expect.anything() }) }),
    ]);
  });

  it('belong to the workgroup of their customer', async () => {
    expect(await workgroupOf(readerOf([]), 'c')).toBe('w');
    expect(await workgroupOf(readerOf([]), 'other')).toBeUndefined();
  });
});
