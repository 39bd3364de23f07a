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
