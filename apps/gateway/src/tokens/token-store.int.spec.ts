import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '@pstream/contracts';
import { seededRandom } from '@pstream/kernel';
import { FakeClock, tempDir } from '@pstream/testing';
import { createFirstToken, discardFirstToken, TokenStore, type TokenOf } from './token-store.js';

const setUp = () => ({ dir: tempDir(), clock: new FakeClock(), random: seededRandom(7) });

const of = (name: string, expiresAt: string | null = null, role: Role = 'owner'): TokenOf => ({
  name,
  expiresAt,
  role,
  workgroupId: 'default',
  madeBy: null,
  agentId: null,
  customerIds: null,
});

describe('API tokens', () => {
  it('begin with one that is shown once', async () => {
    const { dir, ...ports } = setUp();
    const token = await createFirstToken(dir, ports);
    expect(token).toMatch(/^pstream_[A-Za-z0-9_-]{43}$/);
    expect(await createFirstToken(dir, ports)).toBeUndefined();
    const store = await TokenStore.open(dir, ports);
    expect(store.check(token ?? '')).toBe(store.list()[0]?.tokenId);
    expect(store.check(`${token}x`)).toBeUndefined();
    expect(store.check('')).toBeUndefined();
  });

  it('lose the first one alone when it is taken back, and begin again where it was the only one', async () => {
    const { dir, ...ports } = setUp();
    await discardFirstToken(dir, (await createFirstToken(dir, ports)) ?? '');
    const token = (await createFirstToken(dir, ports)) ?? '';
    expect(token).toMatch(/^pstream_/);
    const store = await TokenStore.open(dir, ports);
    await store.create(of('added by somebody'));
    await store.close();
    await discardFirstToken(dir, token);
    expect((await TokenStore.open(dir, ports)).list().map(({ name }) => name)).toEqual(['added by somebody']);
    expect(await createFirstToken(dir, ports)).toBeUndefined();
  });

  it('are kept as hashes only, in a file for its owner alone', async () => {
    const { dir, ...ports } = setUp();
    const token = (await createFirstToken(dir, ports)) ?? '';
    const path = join(dir, 'tokens.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain(token);
    expect(readFileSync(path, 'utf8')).toContain(createHash('sha256').update(token).digest('hex'));
  });

  it('end when they expire or are revoked, also for the next process', async () => {
    const { dir, ...ports } = setUp();
    await createFirstToken(dir, ports);
    const store = await TokenStore.open(dir, ports);
    const short = await store.create(of('night job', '2026-01-02T00:00:00.000Z'));
    const long = await store.create(of('ci'));
    expect(await store.create(of('CI'))).toBeUndefined();
    expect(store.check(short?.token ?? '')).toBe(short?.tokenId);
    await ports.clock.advance(25 * 60 * 60 * 1_000);
    expect(store.check(short?.token ?? '')).toBeUndefined();
    expect(await store.revoke(long?.tokenId ?? '')).toBe('revoked');
    expect(await store.revoke(long?.tokenId ?? '')).toBe('unknown');
    expect(store.check(long?.token ?? '')).toBeUndefined();
    const next = await TokenStore.open(dir, ports);
    expect(next.list().map(({ name }) => name)).toEqual(['first', 'night job']);
    expect(next.check(long?.token ?? '')).toBeUndefined();
  });

  it('never leave the gateway without one that opens it', async () => {
    const { dir, ...ports } = setUp();
    await createFirstToken(dir, ports);
    const store = await TokenStore.open(dir, ports);
    await store.create(of('expiring', '2025-12-31T00:00:00.000Z'));
    const first = store.list()[0]?.tokenId ?? '';
    expect(await store.revoke(first)).toBe('last');
    await store.create(of('looks on', null, 'viewer'));
    expect(await store.revoke(first)).toBe('last');
    await store.create(of('second'));
    expect(await store.revoke(first)).toBe('revoked');
  });

  it('note when they were last used', async () => {
    const { dir, ...ports } = setUp();
    const token = (await createFirstToken(dir, ports)) ?? '';
    const store = await TokenStore.open(dir, ports);
    await ports.clock.advance(120_000);
    store.check(token);
    await store.close();
    expect((await TokenStore.open(dir, ports)).list()[0]?.lastUsedAt).toBe('2026-01-01T00:02:00.000Z');
  });

  it('that cannot be written down are not made; those revoked open nothing, and are written down by whoever asks again', async () => {
    const { dir, ...ports } = setUp();
    const store = await TokenStore.open(dir, ports);
    await store.create(of('stays'));
    const made = await store.create(of('goes'));
    const file = join(dir, 'tokens.json');
    const before = readFileSync(file);
    rmSync(file);
    // A folder in the place of the file: nothing can be written there.
    mkdirSync(join(file, 'x'), { recursive: true });
    await expect(store.create(of('new'))).rejects.toMatchObject({ code: 'tokens.unwritable' });
    await expect(store.revoke(made?.tokenId ?? '')).rejects.toMatchObject({ code: 'tokens.unwritable' });
    expect([store.check(made?.token ?? ''), store.list().map(({ name }) => name)]).toEqual([undefined, ['stays']]);
    await expect(store.settle()).rejects.toMatchObject({ code: 'tokens.unwritable' });
    rmSync(file, { recursive: true });
    writeFileSync(file, before, { mode: 0o600 });
    await store.settle();
    expect((await TokenStore.open(dir, ports)).list().map(({ name }) => name)).toEqual(['stays']);
    expect(await store.create(of('new'))).toMatchObject({ name: 'new' });
  });

  it('of earlier releases may do everything', async () => {
    const { dir, ...ports } = setUp();
    const sha256 = createHash('sha256').update('pstream_old').digest('hex');
    const old = { tokenId: 'T', name: 'old', sha256, createdAt: '2026-01-01T00:00:00.000Z', expiresAt: null, lastUsedAt: null };
    writeFileSync(join(dir, 'tokens.json'), JSON.stringify({ version: 1, tokens: [old] }));
    const store = await TokenStore.open(dir, ports);
    expect(store.find(store.check('pstream_old') ?? '')).toMatchObject({ role: 'owner', workgroupId: 'default', madeBy: null });
  });

  it('are not read from a file that is not ours', async () => {
    const { dir, ...ports } = setUp();
    writeFileSync(join(dir, 'tokens.json'), '{"tokens":"pstream_abc"}');
    await expect(TokenStore.open(dir, ports)).rejects.toMatchObject({ code: 'tokens.unreadable', retry: 'never' });
    await expect(createFirstToken(dir, ports)).rejects.toMatchObject({ code: 'tokens.unreadable' });
  });
});
