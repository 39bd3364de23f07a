import type { FolderSumsView, PassRefs, RecordedEvent } from '@pstream/contracts';
import type { Document } from '@pstream/projections';
import { folderSums } from './projection.js';

const at = '2026-03-01T00:00:00.000Z';
const refs = (passId: string): PassRefs => ({ workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId });
const event = (type: string, data: object, passId = 'x'): RecordedEvent =>
  ({ type, data: { ...refs(passId), ...data, at } }) as unknown as RecordedEvent;
const folder = (key: string) => ({ key, parent: null, name: key, containerClass: null });
const found = event('FoldersDiscovered', { folders: [folder('a'), folder('b')] });
const cause = { code: 'graph.mailbox-forbidden' };
const notListed = (passId: string): RecordedEvent =>
  event('FolderNotListed', { folderKey: 'b', what: 'items', cause, attempts: 2 }, passId);
const missing = (...events: readonly RecordedEvent[]): readonly string[] => {
  const view = events.reduce<Document | null>(
    (document, each) => folderSums.evolve(document, each, 'm'),
    null,
  ) as unknown as FolderSumsView;
  return Object.entries(view.folders).flatMap(([key, one]) => (one.notListed === null ? [] : [`${key} ${one.notListed.cause.code}`]));
};

describe('what an update exports again', () => {
  const totalsAfter = (...events: readonly RecordedEvent[]): FolderSumsView['folders'][string]['totals'] | undefined =>
    (events.reduce<Document | null>((document, each) => folderSums.evolve(document, each, 'm'), null) as unknown as FolderSumsView).folders[
      'a'
    ]?.totals;
  const first = [
    found,
    event('PageListed', { folderKey: 'a', items: 3, again: false }),
    event('ExtractionFinished', {}),
    event('BuildFinished', { folders: { a: 3 } }),
  ];
  const changed = event('PageListed', { folderKey: 'a', items: 2, again: false, superseded: { email: { items: 1, bytes: 9 } } }, 'y');
  const finished = event('ExtractionFinished', { update: { changed: 1, moved: 1, gone: 0, lists: [], folders: { a: 2 }, types: {} } }, 'y');

  it('counts once at any moment, as far as it is known', () => {
    expect(totalsAfter(...first)).toMatchObject({ discovered: 3, exported: 3 });
    // One changed, one that is new or moved here.
    expect(totalsAfter(...first, changed)).toMatchObject({ discovered: 4, exported: 2 });
    expect(totalsAfter(...first, changed, finished)).toMatchObject({ discovered: 3, exported: 1 });
    expect(totalsAfter(...first, changed, finished, event('BuildFinished', { folders: { a: 2 } }, 'y'))).toMatchObject({
      discovered: 3,
      exported: 3,
    });
  });
  it('is as it was when the mailbox starts over', () =>
    expect(totalsAfter(...first, changed, finished, event('MailboxStartedOver', { passIds: ['y'] }))).toMatchObject({
      discovered: 3,
      exported: 3,
    }));
});

describe('a folder that could not be listed', () => {
  it('says so when the pass that gave it up has ended', () =>
    expect(missing(found, notListed('x'), event('ExtractionFinished', {}))).toEqual(['b graph.mailbox-forbidden']));
  it('says so until a later pass has ended without giving it up', () => {
    const listed = event('PageListed', { folderKey: 'b', items: 1, again: false, next: null }, 'y');
    expect(missing(found, notListed('x'), event('ExtractionFinished', {}), listed)).toHaveLength(1);
    expect(missing(found, notListed('x'), event('ExtractionFinished', {}), listed, event('ExtractionFinished', {}, 'y'))).toEqual([]);
  });
  it('stays one that a later pass gives up too', () =>
    expect(missing(found, notListed('x'), notListed('y'), event('ExtractionFinished', {}, 'y'))).toHaveLength(1));
});
