import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import { connectTenant, type MailboxRef, type TenantConnection, type ThrottleEntry } from '@pstream/graph';
import { systemClock, systemRandom, type ThreadWatch } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { generatedTenant, startTenant, type FaultScript, type RunningTenant } from '@pstream/tenant-sim';
import { checkedSource, type CheckedItem, type Source } from './source.js';
import { threadedSources, type Sources } from './threaded-sources.js';

// The thread runs what has been compiled; `npm test` builds before it tests.
const THREAD = new URL('../../dist/source/source-thread.js', import.meta.url);

// A thread loads its modules first; the machine may be busy.
jest.setTimeout(120_000);

describe('a source in a thread of its own', () => {
  let tenant: RunningTenant;
  let sources: Sources;
  let entries: ThrottleEntry[];
  let ended: string[];
  const watch: ThreadWatch = { lost: (fault) => ended.push(fault.code), failed: (fault) => ended.push(fault.code) };

  const start = async (faults: FaultScript = { rules: [] }): Promise<{ threaded: Source; inline: Source }> => {
    tenant = await startTenant({ tenant: generatedTenant({ seed: 3, mailboxes: 1, itemsPerMailbox: 60 }), faults });
    const connection: TenantConnection = {
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      credential: { kind: 'secret', secret: tenant.clientSecret },
      authorityUrl: tenant.authorityUrl,
      graphUrl: tenant.graphUrl,
    };
    const inline = checkedSource(connectTenant(connection, { clock: systemClock, random: systemRandom }));
    return { threaded: sources.open(connection, (entry) => entries.push(entry)), inline };
  };
  const fullest = async (source: Source): Promise<{ mailbox: MailboxRef; ids: string[] }> => {
    const user = await source.findUser('user1@fabrikam.test');
    const { primary } = await source.mailboxes(user.id);
    let best: { mailbox: MailboxRef; ids: string[] } = { mailbox: primary, ids: [] };
    for await (const folder of source.folders(primary)) {
      if ('fault' in folder) throw folder.fault;
      const page = await source.itemPage(folder.mailbox, folder.id, null, { pageSize: 100 });
      if (page.items.length > best.ids.length) best = { mailbox: folder.mailbox, ids: page.items.map(({ id }) => id).slice(0, 20) };
    }
    return best;
  };
  const exported = async (source: Source, mailbox: MailboxRef, ids: readonly string[]): Promise<CheckedItem[]> => {
    const all: CheckedItem[] = [];
    for await (const item of source.exportItems(mailbox, ids)) all.push(item);
    return all.toSorted((a, b) => (a.itemId < b.itemId ? -1 : 1));
  };

  beforeEach(() => {
    ended = [];
    sources = threadedSources(watch, THREAD);
    entries = [];
  });
  afterEach(async () => {
    await sources.close();
    await tenant.close();
  });

  it('gives what a source in this thread gives, byte for byte', async () => {
    const { threaded, inline } = await start();
    const { mailbox, ids } = await fullest(inline);
    expect(ids.length).toBeGreaterThan(4);
    expect(await fullest(threaded)).toEqual({ mailbox, ids });
    // Not the bytes themselves: to compare those one by one takes minutes.
    const digests = (items: readonly CheckedItem[]): unknown =>
      items.map((item) => ('data' in item ? { ...item, data: createHash('sha256').update(item.data).digest('hex') } : item));
    expect(digests(await exported(threaded, mailbox, ids))).toEqual(digests(await exported(inline, mailbox, ids)));
    await inline.close();
    await threaded.close();
  });

  it('makes the same stream of what is passed besides it', async () => {
    const { threaded, inline } = await start();
    const { primary } = await inline.mailboxes((await inline.findUser('user1@fabrikam.test')).id);
    for await (const folder of inline.folders(primary)) {
      if ('fault' in folder) throw folder.fault;
      if (folder.wellKnownName !== 'inbox') continue;
      const [item] = (await inline.itemPage(primary, folder.id, null, { pageSize: 1 })).items;
      const request = {
        itemId: item!.id,
        itemType: item!.type ?? '',
        folderId: folder.id,
        owner: 'user1@fabrikam.test',
        kind: 'message',
      } as const;
      const made = await threaded.readAsMime(primary, request);
      expect(made.sha256).toBe((await inline.readAsMime(primary, request)).sha256);
      expect(createHash('sha256').update(made.data).digest('hex')).toBe(made.sha256);
      await expect(threaded.readAsMime(primary, { ...request, kind: 'contact' })).rejects.toMatchObject({
        name: 'Fault',
        code: 'graph.no-such-resource',
      });
    }
    expect.assertions(3);
    await inline.close();
  });

  it('hands on faults as Faults, of calls, of items and of streams', async () => {
    const rules: FaultScript['rules'] = [
      { on: 'exportItems', itemIndex: 0, effect: 'item-error', code: 'ErrorItemCorrupt' },
      { on: 'exportItems', itemIndex: 1, effect: 'item-damaged', atBytes: 6 },
    ];
    const { threaded, inline } = await start({ rules });
    await expect(threaded.findUser('nobody@fabrikam.test')).rejects.toMatchObject({
      name: 'Fault',
      code: 'graph.user-not-found',
      retry: 'never',
    });
    const { mailbox, ids } = await fullest(inline);
    const [told, known] = [await exported(threaded, mailbox, ids), await exported(inline, mailbox, ids)];
    const troubles = (items: readonly CheckedItem[]): unknown =>
      items.flatMap((item) => {
        const fault = 'fault' in item ? item.fault : 'damage' in item ? item.damage : undefined;
        return fault === undefined ? [] : [[item.itemId, fault.name, fault.code, fault.retry, fault.message, fault.advice]];
      });
    expect(troubles(told)).toEqual(troubles(known));
    await inline.close();
  });

  it('stops in the middle when asked to, and answers the next call', async () => {
    const { threaded, inline } = await start();
    const { mailbox, ids } = await fullest(inline);
    const stop = new AbortController();
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const item of threaded.exportItems(mailbox, ids, stop.signal)) {
        expect(item).toBeDefined();
        stop.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(await exported(threaded, mailbox, ids)).toHaveLength(ids.length);
    await inline.close();
  });

  it('tells of every wait', async () => {
    const { threaded, inline } = await start({ rules: [{ on: 'exportItems', effect: 'throttle', times: 1, retryAfterSeconds: 1 }] });
    const { mailbox, ids } = await fullest(inline);
    expect(await exported(threaded, mailbox, ids)).toHaveLength(ids.length);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries[0]).toMatchObject({ mailbox: mailbox.id });
    await inline.close();
  });

  it('says so when it has been closed, and opens again', async () => {
    const { threaded, inline } = await start();
    await sources.close();
    await expect(threaded.findUser('user1@fabrikam.test')).rejects.toThrow('thread that talks to tenants');
    await inline.close();
  });

  it('fails the calls of a thread that is lost with a fault that may be retried, says so, and goes on in another thread', async () => {
    // A thread that gives up when it is asked for a certain user, and is the compiled one otherwise.
    const fragile = join(tempDir(), 'fragile.mjs');
    writeFileSync(
      fragile,
      `import { parentPort } from 'node:worker_threads';
      await import(${JSON.stringify(THREAD.href)});
      parentPort.on('message', (message) => {
        if (message.is === 'call' && message.args[0] === 'fatal@fabrikam.test') process.exit(7);
      });`,
    );
    sources = threadedSources(watch, pathToFileURL(fragile));
    const { threaded, inline } = await start();
    expect(await threaded.findUser('user1@fabrikam.test')).toMatchObject({ id: expect.any(String) });
    await expect(threaded.findUser('fatal@fabrikam.test')).rejects.toMatchObject({ code: 'thread.lost', retry: { afterMs: 1_000 } });
    expect(ended).toEqual(['thread.lost']);
    expect(await threaded.findUser('user1@fabrikam.test')).toMatchObject({ id: expect.any(String) });
    await inline.close();
  });

  it('says so when it cannot start, and never goes on in the thread of the caller', async () => {
    sources = threadedSources(watch, new URL('./no-such-thread.js', THREAD));
    const { threaded, inline } = await start();
    await expect(threaded.findUser('user1@fabrikam.test')).rejects.toMatchObject({ code: 'thread.not-started', retry: 'never' });
    expect(ended).toEqual(['thread.not-started']);
    await inline.close();
  });
});
