// What the record of what people do costs per change: a command with its beginning and its end on record, as the door carries a change out, beside the
// bare command. Both go through the message log of the embedded system; every append is durable. One writer, and eight that share a chain.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { PeopleModule } from '@pstream/people';
import { embedded, startProcess } from '@pstream/platform';
import { ProjectsModule } from '@pstream/projects';
import { command } from '@pstream/transport';
import { COMMANDS, jsonLog, readConfig } from '@pstream/wiring';
import { median } from './pst-tools.mjs';

export const name = 'audit';

/** The bare command's time over that of the change on record, with one writer: two commands and two appends beside a command that appends twice. */
export const target = 0.3;

const CHANGES = 200;
const ROUNDS = 5;
const WRITERS = [1, 8];

export const run = async ({ log }) => {
  const dir = await mkdtemp(join(tmpdir(), 'pstream-audit-'));
  let commands;
  class Measured {}
  const measured = {
    module: Measured,
    providers: [{ provide: Measured, useFactory: (client) => (commands = client), inject: [COMMANDS] }],
  };
  const system = { clock: systemClock, ids: systemIds, random: systemRandom, log: jsonLog({ write: () => undefined }, systemClock) };
  const running = await startProcess(
    {
      name: 'bench',
      keys: {},
      open: embedded,
      modules: () => [PeopleModule, ProjectsModule.with({ mailboxes: 1, mailboxesPerTenant: 1, mailboxesPerProject: 1 }), measured],
    },
    readConfig(embedded.keys, {}, { dataDir: join(dir, 'data') }),
    system,
  );
  try {
    const ways = { bare: (n) => create(commands, n), recorded: (n) => onRecord(commands, n) };
    const ms = {};
    for (const writers of WRITERS) {
      const rounds = { bare: [], recorded: [] };
      // Neither comes first or last alone; the first round of each warms the compiler up.
      for (let round = 0; round <= ROUNDS; round++)
        for (const which of round % 2 === 0 ? ['bare', 'recorded'] : ['recorded', 'bare']) {
          const each = await perChange(writers, (n) => ways[which](`${writers}-${round}-${which}-${n}`));
          if (round > 0) rounds[which].push(each);
        }
      ms[writers] = { bare: median(rounds.bare), recorded: median(rounds.recorded) };
      const { bare, recorded } = ms[writers];
      log(
        `${writers} at a time: ${recorded.toFixed(2)} ms a change, ${bare.toFixed(2)} ms without a record: ${(recorded / bare).toFixed(2)} times as long`,
      );
    }
    const { bare, recorded } = ms[1];
    return { value: recorded, unit: 'ms/change', baseline: bare, ratio: bare / recorded };
  } finally {
    await running.close();
    await rm(dir, { recursive: true, force: true });
  }
};

/** Milliseconds for each change, of so many writers that wait for their own before the next. */
const perChange = async (writers, change) => {
  const started = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; n < CHANGES / writers; n++) await change(`${writer}-${n}`);
    }),
  );
  return (performance.now() - started) / CHANGES;
};

const BY = systemIds.ulid();
const meta = () => ({ commandId: systemIds.ulid(), by: BY, at: systemClock.now() });

const create = async (commands, name) => {
  const body = { workgroupId: 'default', customerId: systemIds.ulid(), name };
  const reply = await command(commands, 'projects', 'CreateCustomer', meta(), body);
  if (!reply.accepted) throw new Error(reply.rejection.code);
};

const WHO = { by: BY, name: 'Ada Lovelace', role: 'owner', signedInBy: 'token', tokenId: BY, sessionId: null, agentId: null };
const FROM = { address: '127.0.0.1', forwardedFor: null, userAgent: 'bench', requestId: 'bench' };

const onRecord = async (commands, name) => {
  const actionId = systemIds.ulid();
  const record = (entry) => command(commands, 'people', 'RecordAudit', meta(), { chain: 'default', entry: { ...entry, actionId } });
  const changes = [{ field: 'name', old: null, new: name }];
  await record({ is: 'begun', action: 'createCustomer', who: WHO, from: FROM, object: null, ids: {}, changes });
  await create(commands, name);
  await record({ is: 'ended', status: 201, code: null, madeId: null });
};
