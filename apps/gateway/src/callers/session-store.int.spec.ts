import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CODES_FOLDER } from '@pstream/contracts';
import { seededRandom } from '@pstream/kernel';
import { FakeClock, tempDir } from '@pstream/testing';
import { SessionStore } from './session-store.js';
import { createSignInCode, redeemSignInCode } from './sign-in-codes.js';

const HOUR_MS = 3_600_000;

describe('sign-in codes', () => {
  const ports = () => ({ clock: new FakeClock(), random: seededRandom(3) });

  it('expire, and leave nothing behind', async () => {
    const dir = tempDir();
    const { clock, random } = ports();
    const { code: old } = await createSignInCode(dir, { clock, random });
    await clock.advance(16 * 60_000);
    expect(await redeemSignInCode(dir, old, clock)).toBeUndefined();
    await createSignInCode(dir, { clock, random });
    await clock.advance(16 * 60_000);
    const { code: fresh } = await createSignInCode(dir, { clock, random });
    expect(readdirSync(join(dir, CODES_FOLDER))).toHaveLength(1);
    expect(await redeemSignInCode(dir, fresh, clock)).toMatchObject({ version: 1 });
    expect(readdirSync(join(dir, CODES_FOLDER))).toEqual([]);
  });

  it('are kept as hashes only, in files for their owner alone', async () => {
    const dir = tempDir();
    const { code: made } = await createSignInCode(dir, ports());
    const [name = ''] = readdirSync(join(dir, CODES_FOLDER));
    expect(statSync(join(dir, CODES_FOLDER, name)).mode & 0o777).toBe(0o600);
    expect(name + readFileSync(join(dir, CODES_FOLDER, name), 'utf8')).not.toContain(made.slice(4));
  });
});

describe('the store of sessions', () => {
  const open = async (dir = tempDir(), clock = new FakeClock()) => ({
    dir,
    clock,
    store: await SessionStore.open(dir, { clock, random: seededRandom(5) }),
  });

  it('ends a session that nobody uses for twelve hours, and each after seven days', async () => {
    const { clock, store } = await open();
    const idle = await store.start({});
    const used = await store.start({});
    await clock.advance(11 * HOUR_MS);
    expect(store.check(used.cookie)?.sessionId).toBe(used.session.sessionId);
    await clock.advance(2 * HOUR_MS);
    expect(store.check(idle.cookie)).toBeUndefined();
    for (let hours = 13; hours < 7 * 24; hours += 6) {
      expect(store.find(used.session.sessionId)?.sessionId).toBe(used.session.sessionId);
      await clock.advance(6 * HOUR_MS);
    }
    expect(store.check(used.cookie)).toBeUndefined();
  });

  it('knows them after a restart, by their hashes', async () => {
    const { dir, clock, store } = await open();
    const { cookie } = await store.start({ agentId: 'agent' });
    await store.close();
    expect(readFileSync(join(dir, 'sessions.json'), 'utf8')).not.toContain(cookie);
    const again = await open(dir, clock);
    expect(again.store.check(cookie)).toMatchObject({ agentId: 'agent' });
    await again.store.end(again.store.check(cookie)?.sessionId ?? '');
    expect((await open(dir, clock)).store.check(cookie)).toBeUndefined();
  });
});
