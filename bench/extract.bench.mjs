// The extractor alone against a plain download: the same bytes from the same simulated tenant by the same calls. The tenant is a
// process of its own and has its answers encoded beforehand; what the extractor publishes goes nowhere.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { memoryBlobStore } from '@pstream/blob';
import { extractionStream, ITEMS_TOPIC, mailboxJobStream, WORK_TOPIC } from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { extractorKeys, ExtractorModule } from '@pstream/extractor';
import { planBatches } from '@pstream/graph';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import {
  CLOCK,
  DEAD_LETTERS,
  EVENT_STORE,
  FAILED,
  LOG,
  PortsModule,
  RANDOM,
  readConfig,
  SECRETS,
  TRANSPORT,
  WORK_BLOBS,
} from '@pstream/wiring';
import { DeadLetters } from '@pstream/transport';

export const name = 'extract';

/** Share of the speed of a plain download that the extractor must reach. */
export const target = 0.6;

const MAILBOXES = 2;
const ITEMS = 800;
const SEED = 7;
const WARM_UPS = 2;
const RUNS = 5;
const PAGE = 200;
/** Calls in flight per mailbox: what Exchange Online allows. */
const LANES = 4;
const TENANT = fileURLToPath(new URL('../apps/tenant-sim/dist/main.js', import.meta.url));

/** A part of the extractor that must not end has ended. */
const fail = (error) => {
  throw error;
};

/** MB/s of item streams that the extractor reads, checks and publishes, beside MB/s of the same streams downloaded and dropped. */
export const run = async ({ log }) => {
  const tenant = await startTenant();
  const extractor = await startExtractor(tenant);
  try {
    // The first rounds are not measured: they have the tenant encode what it will serve, and the compiler warm up.
    let { items, bytes } = await extractor.extract();
    for (let n = 0; n < WARM_UPS; n++) {
      const listed = (await download(tenant)).items;
      if (listed !== items) throw new Error(`the extractor published ${items} of ${listed} items`);
      ({ items, bytes } = await extractor.extract());
    }
    log(`${items} items, ${(bytes / 1e6).toFixed(0)} MB of export streams in ${MAILBOXES} mailboxes`);
    const rounds = [];
    for (let n = 0; n < RUNS; n++) {
      const baseline = bytes / 1000 / (await download(tenant)).ms;
      const extracted = await extractor.extract();
      if (extracted.items !== items || extracted.bytes !== bytes)
        throw new Error(`the extractor published ${extracted.items} items of ${extracted.bytes} bytes`);
      const value = bytes / 1000 / extracted.ms;
      rounds.push({ value, baseline, ratio: value / baseline });
      log(`download ${baseline.toFixed(0)} MB/s, extractor ${value.toFixed(0)} MB/s, ratio ${(value / baseline).toFixed(2)}`);
    }
    // Both sides of a round had the same machine.
    const { value, baseline, ratio } = rounds.toSorted((one, other) => one.ratio - other.ratio)[RUNS >> 1];
    return { value, unit: 'MB/s', baseline, ratio };
  } finally {
    await extractor.close();
    tenant.process.kill();
  }
};

const startTenant = async () => {
  const args = ['--generate', String(ITEMS), '--mailboxes', String(MAILBOXES), '--seed', String(SEED), '--no-limits'];
  const child = spawn(process.execPath, [TENANT, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { ...JSON.parse(line), process: child, users: Array.from({ length: MAILBOXES }, (_, n) => `user${n + 1}@fabrikam.test`) };
};

/** Milliseconds to fetch every item of all mailboxes side by side, and how many; nothing is looked at but what the next call needs. */
const download = async ({ graphUrl, authorityUrl, tenantId, clientId, clientSecret, users }) => {
  const agent = new Agent({ keepAlive: true });
  const send = (url, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, { agent, method: body === undefined ? 'GET' : 'POST', headers }, resolve);
      outgoing.on('error', reject).end(body);
    });
  const json = async (response) => {
    const pieces = [];
    for await (const piece of response) pieces.push(piece);
    return JSON.parse(Buffer.concat(pieces).toString());
  };
  const started = performance.now();
  const form = new URLSearchParams({
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'client_credentials',
    scope: 'https://graph.microsoft.com/.default',
  }).toString();
  const signedIn = await json(
    await send(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    }),
  );
  const headers = { authorization: `Bearer ${signedIn.access_token}` };
  const get = async (url, more = {}) => json(await send(url, { headers: { ...headers, ...more } }));
  const sums = { items: 0, received: 0 };
  const exportBatch = async (box, ids) => {
    const response = await send(`${box}/exportItems`, {
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ itemIds: ids }),
    });
    for await (const piece of response) sums.received += piece.length;
  };
  await Promise.all(
    users.map(async (user) => {
      await get(`${graphUrl}/v1.0/users/${user}?$select=id,userPrincipalName,mail`);
      const { primaryMailboxId } = await get(`${graphUrl}/beta/users/${user}/settings/exchange`);
      const box = `${graphUrl}/v1.0/admin/exchange/mailboxes/${encodeURIComponent(primaryMailboxId)}`;
      for await (const folder of tree(get, box)) {
        let url = `${box}/folders/${folder}/items/delta?$select=id,size`;
        while (url !== undefined) {
          const page = await get(url, { prefer: `odata.maxpagesize=${PAGE}` });
          sums.items += page.value.length;
          const batches = planBatches(page.value).values();
          await Promise.all(
            Array.from({ length: LANES }, async () => {
              for (const batch of batches)
                await exportBatch(
                  box,
                  batch.map(({ id }) => id),
                );
            }),
          );
          url = page['@odata.nextLink'];
        }
      }
    }),
  );
  const ms = performance.now() - started;
  agent.destroy();
  return { ms, items: sums.items };
};

/** Ids of all folders but search folders. */
async function* tree(get, box) {
  const expand = `$expand=singleValueExtendedProperties($filter=${encodeURIComponent("id eq 'Integer 0x3601'")})`;
  const levels = [`${box}/folders`];
  for (let level = levels.shift(); level !== undefined; level = levels.shift()) {
    for (let url = `${level}?includeHiddenFolders=true&$top=200&${expand}`; url !== undefined; ) {
      const page = await get(url);
      for (const folder of page.value) {
        if (folder.singleValueExtendedProperties?.[0]?.value === '2') continue;
        yield folder.id;
        if (folder.childFolderCount > 0) levels.push(`${box}/folders/${folder.id}/childFolders`);
      }
      url = page['@odata.nextLink'];
    }
  }
}

/** The extractor as it runs for days. Its events are kept in memory: what the disk takes shows in the pipeline's benchmark.
 *  `extract` gives milliseconds, items and bytes of the streams published from all mailboxes. */
const startExtractor = async ({ graphUrl, authorityUrl, tenantId, clientId, clientSecret, users }) => {
  const store = memoryEventStore();
  let sums = { items: 0, bytes: 0 };
  const transport = memoryLog((meta) => {
    sums.items++;
    sums.bytes += meta.bytes;
  });
  const ports = new Map([
    [EVENT_STORE, store],
    [TRANSPORT, transport],
    [WORK_BLOBS, memoryBlobStore()],
    [SECRETS, { use: async () => ({ reveal: () => clientSecret }) }],
    [CLOCK, systemClock],
    [RANDOM, systemRandom],
    [LOG, { write: () => undefined }],
    [
      DEAD_LETTERS,
      new DeadLetters(transport, { clock: systemClock, written: ({ code }) => process.stderr.write(`dead letter: ${code}\n`) }),
    ],
    [FAILED, fail],
  ]);
  class Worker {}
  Module({ imports: [PortsModule.of(ports), ExtractorModule.with({ ...readConfig(extractorKeys, {}, {}), threads: 'own' })] })(Worker);
  const app = await NestFactory.createApplicationContext(Worker, { logger: false, abortOnError: false });
  const source = { kind: 'microsoft-365', tenantId, clientId, credential: { kind: 'secret', ref: 'secret:bench' }, authorityUrl, graphUrl };
  const id = () => systemIds.ulid();
  const begin = async (user) => {
    const refs = { workgroupId: id(), customerId: id(), projectId: id(), mailboxJobId: id(), passId: id() };
    const settings = {
      source: user,
      destination: 'bench.pst',
      type: 'mailbox',
      sourceEndpoint: source,
      destinationEndpoint: { kind: 'folder', path: '/' },
      container: 'bench',
      partBytes: 10 * 2 ** 30,
    };
    const at = systemClock.now();
    const event = { type: 'PassStarted', data: { ...refs, number: 1, kind: 'full', settings, at } };
    await store.append({
      context: 'projects',
      stream: mailboxJobStream(refs.mailboxJobId),
      expectedVersion: 0,
      events: [event],
      at,
      metadata: { commandId: id(), by: 'bench' },
    });
    await transport.send(WORK_TOPIC, [
      { key: refs.mailboxJobId, headers: {}, value: new TextEncoder().encode(JSON.stringify({ kind: 'plan', ...refs })) },
    ]);
    return refs.passId;
  };
  return {
    extract: async () => {
      sums = { items: 0, bytes: 0 };
      const started = performance.now();
      const passes = await Promise.all(users.map(begin));
      for (const passId of passes) await finished(store, passId);
      return { ms: performance.now() - started, ...sums };
    },
    close: async () => {
      await app.close();
      await store.close();
    },
  };
};

const finished = async (store, passId) => {
  for (let version = 0; ; ) {
    const events = await store.read(extractionStream(passId), version);
    version += events.length;
    const last = events.at(-1);
    if (last?.type === 'ExtractionFinished') return;
    if (last?.type === 'ExtractionFailed') throw new Error(`the extraction failed: ${last.data.cause.code}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** A log in memory: units of work go to the extractor, items to `published` and nowhere else. */
const memoryLog = (published) => {
  const waiting = [];
  const ending = new AbortController();
  let handler;
  let offset = 0n;
  let busy = false;
  const consumer = {
    topic: WORK_TOPIC,
    partition: 0,
    logStart: 0n,
    commit: async () => undefined,
    seek: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
  };
  const deliver = async () => {
    if (busy || handler === undefined) return;
    busy = true;
    while (waiting.length > 0) await handler.batch(consumer, waiting.splice(0), ending.signal);
    busy = false;
  };
  return {
    maxRecordBytes: 2 ** 30,
    ensureTopics: async () => undefined,
    backlog: async () => ({ records: 0, bytes: 0 }),
    close: async () => undefined,
    send: async (topic, records) => {
      if (topic === ITEMS_TOPIC)
        for (const { headers } of records) {
          const meta = headers['ps-meta'] === undefined ? undefined : JSON.parse(headers['ps-meta']);
          if (meta?.kind === 'item') published(meta);
        }
      if (topic === WORK_TOPIC)
        waiting.push(...records.map((record) => ({ headers: {}, ...record, topic, partition: 0, offset: offset++ })));
      void deliver();
    },
    subscribe: async (options) => {
      handler = options.handler;
      await handler.assigned(consumer, undefined);
      void deliver();
      return {
        close: async () => {
          ending.abort();
          await handler.revoked(consumer);
        },
      };
    },
  };
};
