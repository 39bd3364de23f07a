import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { put } from '../store.fixture.js';
import { isAddress, isX500 } from './addresses.js';
import type { Evidence } from './evidence.js';
import { guessOwner, type Known } from './guess-owner.js';
import { NO_MAP, readOwnerMap } from './owner-map.js';
import { ownerInPath } from './path-owner.js';
import { Tally } from './tally.js';

describe('an address', () => {
  it.each(['ann@contoso.com', "o'brien+x@mail.contoso.co.uk", 'müller@firma.example', 'a@xn--80ak6aa92e.example'])('may be %s', (text) =>
    expect(isAddress(text)).toBe(true),
  );
  it.each([
    '',
    'ann',
    'ann@',
    '@contoso.com',
    'ann@contoso',
    'ann @contoso.com',
    'ann@con_toso.com',
    '.ann@contoso.com',
    'a..b@contoso.com',
    'a@b@c.com',
  ])('is not %j', (text) => expect(isAddress(text)).toBe(false));
  it('of a directory is X500', () => {
    expect(isX500('/O=CONTOSO/OU=X/CN=RECIPIENTS/CN=ANN')).toBe(true);
    expect(isX500('/home/ann')).toBe(false);
  });
});

describe('the owner in a path', () => {
  it.each([
    ['C:\\Users\\ann\\Documents\\Outlook Files\\archive.pst', { user: 'ann' }],
    ['C:\\Documents and Settings\\ann\\x.pst', { user: 'ann' }],
    ['/home/ann/x.pst', { user: 'ann' }],
    ['/Users/ann/Library/x.pst', { user: 'ann' }],
    ['\\\\server\\home$\\ann\\x.pst', { user: 'ann' }],
    ['/srv/backup/home/ann/home/x.pst', { user: 'ann' }],
    ['/data/ann@contoso.com/x.pst', { address: 'ann@contoso.com' }],
    ['/home/it/ann@contoso.com.pst', { address: 'ann@contoso.com' }],
    ['C:\\Users\\it\\Outlook\\ann@contoso.com - Outlook.ost', { address: 'ann@contoso.com' }],
    ['/data/ann@contoso.com.002.pst', { address: 'ann@contoso.com' }],
    ['C:\\Users\\Public\\x.pst', undefined],
    ['/home/x.pst', undefined],
    ['/data/x.pst', undefined],
  ] as const)('%s', (path, owner) => expect(ownerInPath(path)).toEqual(owner));
});

const tally = (counts: Readonly<Record<string, number>>, more = 0): Tally => {
  const out = new Tally();
  for (const [address, count] of Object.entries(counts)) for (let n = 0; n < count; n++) out.add([address]);
  for (let n = 0; n < more; n++) out.add([`other${n}@x.com`]);
  return out;
};

const inside = (more: Partial<Evidence>): Evidence => ({
  displayName: '',
  hasPassword: false,
  items: 9,
  oldestAt: undefined,
  newestAt: undefined,
  senders: new Tally(),
  receivers: new Tally(),
  recipients: new Tally(),
  learned: new Map(),
  ...more,
});

const guess = (more: Partial<Known>) =>
  guessOwner({ path: '/data/x.pst', inPath: undefined, account: undefined, inside: undefined, map: NO_MAP, domain: undefined, ...more });

const map = async (...rows: string[]) => readOwnerMap(put(join(tempDir(), 'map.csv'), ['From,Owner', ...rows].join('\r\n')));

describe('the guess of an owner', () => {
  it('has nothing to say where nothing says so', () => expect(guess({})).toEqual({ owner: '', confidence: undefined, evidence: '' }));

  it('is the one sender of Sent Items', () =>
    expect(guess({ inside: inside({ senders: tally({ 'ann@x.com': 7 }), receivers: tally({ 'ben@x.com': 9 }) }) })).toEqual({
      owner: 'ann@x.com',
      confidence: 95,
      evidence: 'sender in Sent Items of 7 of 7 items',
    }));
  it('is less sure where others sent too, and passes over senders without a majority', () => {
    expect(guess({ inside: inside({ senders: tally({ 'ann@x.com': 8, 'ben@x.com': 2 }) }) })).toMatchObject({
      owner: 'ann@x.com',
      confidence: 76,
    });
    expect(guess({ inside: inside({ senders: tally({ 'ann@x.com': 5 }, 6), receivers: tally({ 'ben@x.com': 3 }) }) })).toMatchObject({
      owner: 'ben@x.com',
      confidence: 90,
    });
  });
  it('is whoever received all items, and nobody where several did', () => {
    expect(guess({ inside: inside({ receivers: tally({ 'ann@x.com': 3 }) }) })).toMatchObject({ owner: 'ann@x.com', confidence: 90 });
    expect(guess({ inside: inside({ receivers: tally({ 'ann@x.com': 3, 'ben@x.com': 1 }) }) })).toMatchObject({ owner: '' });
  });
  it.each([
    [{ 'ann@x.com': 8, 'ben@x.com': 2 }, 90],
    [{ 'ann@x.com': 7, 'ben@x.com': 2 }, 70],
    [{ 'ann@x.com': 5, 'ben@x.com': 4 }, 50],
    [{ 'ann@x.com': 1 }, 50],
    [{ 'ann@x.com': 6, 'ben@x.com': 5 }, undefined],
    [{ 'ann@x.com': 5, 'ben@x.com': 5 }, undefined],
  ])('is the most frequent recipient by how far he leads: %j', (counts, confidence) => {
    expect(guess({ inside: inside({ recipients: tally(counts) }) })).toMatchObject({
      owner: confidence === undefined ? '' : 'ann@x.com',
      confidence,
    });
  });
  it('is the address in the path before what the items say', () =>
    expect(guess({ inPath: { address: 'ann@x.com' }, inside: inside({ senders: tally({ 'ben@x.com': 7 }) }) })).toMatchObject({
      owner: 'ann@x.com',
    }));
  it('is surest where path and items agree', () =>
    expect(guess({ inPath: { user: 'Ann' }, inside: inside({ senders: tally({ 'ann@x.com': 7 }) }) })).toMatchObject({
      owner: 'ann@x.com',
      confidence: 99,
      evidence: 'user Ann in the path; sender in Sent Items of 7 of 7 items',
    }));
  it('tells of a user whom nothing makes an address', () => {
    expect(guess({ inPath: { user: 'ann' } })).toEqual({ owner: '', confidence: undefined, evidence: 'user ann in the path' });
    expect(guess({ inPath: { user: 'ann' }, domain: 'x.com' })).toMatchObject({ owner: 'ann@x.com', confidence: 80 });
    expect(guess({ account: 'ann', domain: 'x.com' })).toMatchObject({ owner: 'ann@x.com', confidence: 60 });
  });
  it('takes the name of the store last, and only if an address is in it', () => {
    expect(guess({ inside: inside({ displayName: 'Mailbox - ann@x.com' }) })).toMatchObject({ owner: 'ann@x.com', confidence: 60 });
    expect(guess({ inside: inside({ displayName: 'Ann' }) })).toMatchObject({ owner: '' });
  });
  it('resolves addresses of a directory by what the store itself says, and shows those that nothing resolves', () => {
    const senders = tally({ '/o=x/cn=ann': 3 });
    expect(guess({ inside: inside({ senders, learned: new Map([['/o=x/cn=ann', 'ann@x.com']]) }) })).toMatchObject({
      owner: 'ann@x.com',
      confidence: 95,
    });
    expect(guess({ inside: inside({ senders }) })).toEqual({
      owner: '',
      confidence: undefined,
      evidence: '/o=x/cn=ann: sender in Sent Items of 3 of 3 items',
    });
  });

  it('is what the map says, by path, user, address and directory', async () => {
    const known = await map(
      '/data/**/*.pst,glob@x.com',
      '/srv/x.pst,exact@x.com',
      'C:\\Users\\Eve\\x.pst,eve@x.com',
      'ann,a.nn@x.com',
      'old@x.com,new@x.com',
      '"/o=x/ou=y/cn=ben",ben@x.com',
    );
    expect(guess({ path: '/data/a/x.pst', map: known })).toEqual({ owner: 'glob@x.com', confidence: 100, evidence: 'map: path' });
    expect(guess({ path: '/srv/x.pst', map: known })).toMatchObject({ owner: 'exact@x.com' });
    expect(guess({ path: 'C:\\Users\\Eve\\x.pst', map: known })).toMatchObject({ owner: 'eve@x.com' });
    expect(guess({ path: '/y', inPath: { user: 'ANN' }, map: known })).toMatchObject({ owner: 'a.nn@x.com', confidence: 95 });
    expect(guess({ path: '/y', inPath: { address: 'old@x.com' }, map: known })).toMatchObject({ owner: 'new@x.com' });
    expect(guess({ path: '/y', inside: inside({ senders: tally({ 'old@x.com': 2 }) }), map: known })).toMatchObject({ owner: 'new@x.com' });
    expect(guess({ path: '/y', inside: inside({ senders: tally({ '/o=x/ou=y/cn=ben': 2 }) }), map: known })).toMatchObject({
      owner: 'ben@x.com',
    });
  });
  it('refuses a map with rows that say nothing, all at once', async () => {
    await expect(map('ann,', ',ben@x.com', 'cy,cy@x.com')).rejects.toMatchObject({
      code: 'map.bad-row',
      facts: { rows: ['row 2, Owner: the address of a mailbox is needed, "" is none', 'row 3, From: a path, user or address is needed'] },
    });
    await expect(readOwnerMap(put(join(tempDir(), 'map.csv'), 'Who,Is\r\na,b\r\n'))).rejects.toMatchObject({
      code: 'plan.column-missing',
      facts: { columns: ['From', 'Owner'] },
    });
    await expect(readOwnerMap(join(tempDir(), 'none.csv'))).rejects.toMatchObject({ code: 'plan.not-found' });
  });
});
