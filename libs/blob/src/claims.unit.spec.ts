import { claimOwner, freeClaims, getClaim, putClaim } from './claims.js';
import { memoryBlobStore } from './memory-blob-store.js';

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const first = { job: 'job-1', pass: 'pass-1', attempt: 1 };
const mail = new TextEncoder().encode('the content of a mail');
const listed = async (store: ReturnType<typeof memoryBlobStore>): Promise<string[]> => {
  const names: string[] = [];
  for await (const name of store.list('')) names.push(name);
  return names;
};

describe('a claim', () => {
  it('brings back exactly what was put', async () => {
    const store = memoryBlobStore();
    const claim = await putClaim(store, { jobKey: key(1), ...first }, mail);
    expect(claim).toEqual({
      key: expect.stringMatching(/^claims\/job-1\/pass-1\/1\/[0-9a-f]{64}$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: mail.length,
    });
    expect(await getClaim(store, claim)).toEqual(mail);
  });
  it('is one blob for the same content in one attempt of a pass, and another in any other', async () => {
    const store = memoryBlobStore();
    const claim = await putClaim(store, { jobKey: key(1), ...first }, mail);
    expect(await putClaim(store, { jobKey: key(1), ...first }, mail)).toEqual(claim);
    expect(await listed(store)).toHaveLength(1);
    await putClaim(store, { jobKey: key(1), ...first, attempt: 2 }, mail);
    await putClaim(store, { jobKey: key(1), ...first, pass: 'pass-2' }, mail);
    expect(await listed(store)).toHaveLength(3);
  });
  it('tells by its name whose it is', async () => {
    const { key: name } = await putClaim(memoryBlobStore(), { jobKey: key(1), ...first, attempt: 12 }, mail);
    expect(claimOwner(name)).toEqual({ ...first, attempt: 12 });
    for (const other of [
      'claims/job-1/0',
      `claims/job-1/${'0'.repeat(64)}`,
      name.replace('/12/', '/0/'),
      name.slice(0, -1),
      `x${name}`,
      `${name}/x`,
    ])
      expect(claimOwner(other)).toBeUndefined();
  });
  it('does not show by its name that two jobs hold the same mail', async () => {
    const store = memoryBlobStore();
    const a = await putClaim(store, { jobKey: key(1), ...first }, mail);
    const b = await putClaim(store, { jobKey: key(2), ...first, job: 'job-2' }, mail);
    expect(a.key.split('/').at(-1)).not.toBe(b.key.split('/').at(-1));
    expect(a.key).not.toContain(a.sha256);
  });
  it('is missing or damaged for ever, with facts', async () => {
    const store = memoryBlobStore();
    const claim = await putClaim(store, { jobKey: key(1), ...first }, mail);
    await expect(getClaim(store, { ...claim, sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'claim.damaged',
      retry: 'never',
      facts: { key: claim.key, bytes: mail.length, sha256: claim.sha256 },
    });
    await expect(getClaim(store, { ...claim, bytes: 1 })).rejects.toMatchObject({ code: 'claim.damaged' });
    await store.delete([claim.key]);
    await expect(getClaim(store, claim)).rejects.toMatchObject({ code: 'claim.missing', retry: 'never', facts: { key: claim.key } });
  });
  it('refuses an owner that is no path segment and a key that is too short', async () => {
    const store = memoryBlobStore();
    for (const bad of ['', '..', 'a/b', 'ü'])
      for (const owner of [{ job: bad }, { pass: bad }])
        await expect(putClaim(store, { jobKey: key(1), ...first, ...owner }, mail)).rejects.toMatchObject({ code: 'claim.bad-owner' });
    await expect(putClaim(store, { jobKey: new Uint8Array(16), ...first }, mail)).rejects.toMatchObject({ code: 'claim.short-key' });
  });
});

describe('freeing claims', () => {
  it('deletes every claim of one pass and none of another', async () => {
    const store = memoryBlobStore();
    for (let i = 0; i < 600; i++)
      await putClaim(store, { jobKey: key(1), ...first, attempt: 1 + (i % 3) }, new TextEncoder().encode(`mail ${i}`));
    const neighbours: string[] = [];
    for (const other of [{ job: 'job-10' }, { job: 'job' }, { pass: 'pass-10' }, { pass: 'pass' }])
      neighbours.push((await putClaim(store, { jobKey: key(1), ...first, ...other }, mail)).key);
    expect(await freeClaims(store, first)).toBe(600);
    expect(await listed(store)).toEqual(neighbours.toSorted());
    expect(await freeClaims(store, first)).toBe(0);
  });
});
