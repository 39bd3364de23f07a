import { freeClaims, getClaim, putClaim } from './claims.js';
import { memoryBlobStore } from './memory-blob-store.js';

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const mail = new TextEncoder().encode('the content of a mail');
const listed = async (store: ReturnType<typeof memoryBlobStore>): Promise<string[]> => {
  const names: string[] = [];
  for await (const name of store.list('')) names.push(name);
  return names;
};

describe('a claim', () => {
  it('brings back exactly what was put', async () => {
    const store = memoryBlobStore();
    const claim = await putClaim(store, { jobKey: key(1), job: 'job-1' }, mail);
    expect(claim).toEqual({
      key: expect.stringMatching(/^claims\/job-1\/[0-9a-f]{64}$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: mail.length,
    });
    expect(await getClaim(store, claim)).toEqual(mail);
  });
  it('is one blob for the same content in one job', async () => {
    const store = memoryBlobStore();
    const first = await putClaim(store, { jobKey: key(1), job: 'job-1' }, mail);
    expect(await putClaim(store, { jobKey: key(1), job: 'job-1' }, mail)).toEqual(first);
    expect(await listed(store)).toHaveLength(1);
  });
  it('does not show by its name that two jobs hold the same mail', async () => {
    const store = memoryBlobStore();
    const a = await putClaim(store, { jobKey: key(1), job: 'job-1' }, mail);
    const b = await putClaim(store, { jobKey: key(2), job: 'job-2' }, mail);
    expect(a.key.split('/')[2]).not.toBe(b.key.split('/')[2]);
    expect(a.key).not.toContain(a.sha256);
  });
  it('is missing or damaged for ever, with facts', async () => {
    const store = memoryBlobStore();
    const claim = await putClaim(store, { jobKey: key(1), job: 'job-1' }, mail);
    await expect(getClaim(store, { ...claim, sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'claim.damaged',
      retry: 'never',
      facts: { key: claim.key, bytes: mail.length, sha256: claim.sha256 },
    });
    await expect(getClaim(store, { ...claim, bytes: 1 })).rejects.toMatchObject({ code: 'claim.damaged' });
    await store.delete([claim.key]);
    await expect(getClaim(store, claim)).rejects.toMatchObject({ code: 'claim.missing', retry: 'never', facts: { key: claim.key } });
  });
  it('refuses a job that is no path segment and a key that is too short', async () => {
    const store = memoryBlobStore();
    for (const job of ['', '..', 'a/b', 'ü'])
      await expect(putClaim(store, { jobKey: key(1), job }, mail)).rejects.toMatchObject({ code: 'claim.bad-job' });
    await expect(putClaim(store, { jobKey: new Uint8Array(16), job: 'j' }, mail)).rejects.toMatchObject({ code: 'claim.short-key' });
  });
});

describe('freeing claims', () => {
  it('deletes what is not live below one job only, after a dry run that deletes nothing', async () => {
    const store = memoryBlobStore();
    const claims = [];
    for (let i = 0; i < 600; i++)
      claims.push(await putClaim(store, { jobKey: key(1), job: 'job-1' }, new TextEncoder().encode(`mail ${i}`)));
    const neighbours = [
      await putClaim(store, { jobKey: key(1), job: 'job-10' }, mail),
      await putClaim(store, { jobKey: key(1), job: 'job' }, mail),
    ];
    const live = new Set(claims.slice(0, 3).map((claim) => claim.key));
    expect(await freeClaims(store, 'job-1', { live, dryRun: true })).toEqual({ freed: 597, kept: 3 });
    expect(await listed(store)).toHaveLength(602);
    expect(await freeClaims(store, 'job-1', { live, dryRun: false })).toEqual({ freed: 597, kept: 3 });
    expect(await listed(store)).toEqual([...live, ...neighbours.map((claim) => claim.key)].toSorted());
  });
});
