import { deriveGuid, fromEntryId, idToPlace, isMailboxId, mailboxIdOf, placeToId } from './ids.js';

describe('ids of generated items', () => {
  const guid = deriveGuid('test');
  const place = { guid, kind: 1 as const, folder: 12, ordinal: 4_000_000_000 };

  it('say where the item is, begin like those of Exchange and end in a padding sign', () => {
    const id = placeToId(place, 'seed');
    expect(id).toMatch(/^AAMk[A-Za-z0-9_-]+=$/);
    expect(idToPlace(id, 'seed')).toEqual(place);
  });

  it('are nothing under another key, in another case or shortened', () => {
    const id = placeToId(place, 'seed');
    expect(idToPlace(id, 'other')).toBeUndefined();
    expect(idToPlace(id.toLowerCase(), 'seed')).toBeUndefined();
    expect(idToPlace(id.slice(0, -4), 'seed')).toBeUndefined();
  });

  it('are distinguished from what is not an id', () => {
    for (const text of ['', 'short', 'inbox', `${'A'.repeat(39)}+`, 'A'.repeat(41)]) expect(fromEntryId(text)).toBeUndefined();
    expect(fromEntryId(`${'A'.repeat(39)}=`)).toHaveLength(29);
    expect(isMailboxId(mailboxIdOf(guid, guid))).toBe(true);
    expect(isMailboxId('MBX:x@y')).toBe(false);
  });
});
