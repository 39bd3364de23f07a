import { csvAddress, inWords, listCommand, nameOf, recordsAddress, searchOf, valuesOf, verifyCommand, wrongTimes } from './filter.js';

const SEARCH = {
  of: 'installation',
  person: 'P',
  action: 'renameCustomer',
  object: 'C',
  outcome: 'refused',
  from: '2026-12-01T08:30:00.000Z',
  before: '2026-12-02T00:00:00.000Z',
} as const;

describe('the filter of the record', () => {
  it('comes out of its form as it went in', () => {
    expect(searchOf(valuesOf(SEARCH))).toEqual(SEARCH);
    expect(searchOf(valuesOf({}))).toEqual({});
  });

  it('leaves out what is blank or cannot be', () => {
    const typed = { ...valuesOf({}), person: ' ', object: ' C ', outcome: 'loud', from: '2026-02-31T20:00' };
    expect(searchOf(typed)).toEqual({ object: 'C' });
    expect(wrongTimes(typed)).toEqual(['from']);
  });

  it('has commands and addresses that mean the same', () => {
    expect(listCommand(SEARCH)).toBe(
      'pstream audit list --person P --action renameCustomer --object C --outcome refused --from 2026-12-01T08:30:00.000Z --before 2026-12-02T00:00:00.000Z --installation',
    );
    expect(listCommand({})).toBe('pstream audit list');
    expect(verifyCommand({}, '')).toBe('pstream audit verify');
    expect(verifyCommand(SEARCH, '3:ab')).toBe('pstream audit verify --head 3:ab --installation');
    expect(csvAddress({ outcome: 'refused' })).toBe('/v1/audit.csv?outcome=refused');
    expect(recordsAddress(SEARCH)).toBe('/v1/audit.jsonl?of=installation');
    expect(recordsAddress({ outcome: 'refused' })).toBe('/v1/audit.jsonl');
  });
});

it('calls a thing by its name of then, or by the name that it was made with', () => {
  const named = { field: 'name', old: null, new: 'Contoso' };
  expect(nameOf({ object: { kind: 'customer', id: 'C', name: 'Old' }, objectId: 'C', changes: [named] })).toBe('Old');
  expect(nameOf({ object: { kind: 'customer', id: 'C', name: null }, objectId: 'C', changes: [named] })).toBe('C');
  expect(nameOf({ object: null, objectId: 'C', changes: [named] })).toBe('Contoso');
  expect(nameOf({ object: null, objectId: null, changes: [] })).toBeUndefined();
});

it('says an operation of the API in words', () => {
  expect(inWords('renameCustomer')).toBe('Rename customer');
  expect(inWords('createSession')).toBe('Create session');
});
