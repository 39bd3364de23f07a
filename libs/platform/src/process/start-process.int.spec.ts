import { join } from 'node:path';
import { Controller, Injectable, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { eventTopic, streamName, toCloudEvent } from '@pstream/contracts';
import { Fault, systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { Subscribe, type Transport } from '@pstream/transport';
import { DEAD_LETTERS, FAILED, jsonLog, readConfig, TRANSPORT, type ConfigKeys, type Failed } from '@pstream/wiring';
import { embeddedKeys } from '../config.js';
import { embedded } from './opening.js';
import { startProcess, type ProcessPlan, type RunningProcess } from './start-process.js';

const at = '2025-01-02T03:04:05.678Z';
const event = toCloudEvent({
  id: '01J8ZQ4N5W9K7C1B2D3E4F5G6H',
  type: 'CustomerCreated',
  context: 'projects',
  stream: streamName('customer:01J8ZQ4N5W9K7C1B2D3E4F5G6H'),
  version: 1,
  at,
  data: { workgroupId: 'w', customerId: 'c', name: 'x', at },
  metadata: { commandId: 'c', by: 'u' },
});

/** Hands its ports to the test. */
let ports: { readonly transport: Transport; readonly failed: Failed };
@Injectable()
class Ports implements OnApplicationBootstrap {
  constructor(
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(FAILED) private readonly failed: Failed,
    @Inject(DEAD_LETTERS) readonly deadLetters: unknown,
  ) {}
  onApplicationBootstrap(): void {
    ports = { transport: this.transport, failed: this.failed };
  }
}

@Controller()
class Buggy {
  @Subscribe(eventTopic('projects'), { group: 'test.buggy.v1' })
  handle(): never {
    throw new TypeError('person@example.com broke it');
  }
}

@Module({ providers: [Ports], controllers: [Buggy] })
class Something {}

describe('starting a process', () => {
  const running: RunningProcess<unknown>[] = [];
  let logged: string[];
  const start = async <P = undefined>(plan: Partial<ProcessPlan<ConfigKeys, typeof embeddedKeys, P>> = {}): Promise<RunningProcess<P>> => {
    logged = [];
    const process = await startProcess<ConfigKeys, typeof embeddedKeys, P>(
      { name: 'test', keys: {}, open: embedded, modules: () => [Something], ...plan },
      readConfig(embeddedKeys, {}, { dataDir: join(tempDir(), 'data') }),
      { clock: systemClock, ids: systemIds, random: systemRandom, log: jsonLog({ write: (line) => logged.push(line) }, systemClock) },
    );
    running.push(process);
    return process;
  };
  afterEach(async () => {
    for (const process of running.splice(0)) await process.close().catch(() => undefined);
  });

  it('fails, turns red and says so once when a consumer has ended by an error, and repeats nothing of a foreign message', async () => {
    const process = await start();
    expect(process.health.report()).toMatchObject({ status: 'running', counts: { deadLetters: {} } });
    await ports.transport.send(eventTopic('projects'), [event]);
    expect(await process.failed).toBeInstanceOf(TypeError);
    expect(process.health.report()).toMatchObject({ status: 'failed', cause: 'process.defect' });
    ports.failed(new Error('a consequence'));
    const lines = logged.filter((line) => line.includes('service.failed'));
    expect(lines).toHaveLength(1);
    expect(logged.join()).not.toContain('example.com');
  });

  it('counts what nobody understands, logs it, and goes on', async () => {
    const process = await start();
    await ports.transport.send(eventTopic('projects'), [{ key: 'mail@example.com', value: new Uint8Array([1, 2, 3]) }]);
    // Behind the junk, so that its fate is known when this has ended the consumer.
    await ports.transport.send(eventTopic('projects'), [{ ...event, key: 'mail@example.com' }]);
    await process.failed;
    expect(process.health.report().counts['deadLetters']).toEqual({ 'projects.events.v1': 1 });
    const [line] = logged.filter((text) => text.includes('dead-letter'));
    expect(JSON.parse(line ?? '')).toMatchObject({
      event: 'dead-letter',
      code: 'event.unreadable',
      group: 'test.buggy.v1',
      topic: 'projects.events.v1',
    });
    expect(line).not.toContain('mail@example.com');
  });

  it('does not start when something has ended while others were starting', async () => {
    @Injectable()
    class Dying implements OnApplicationBootstrap {
      constructor(@Inject(FAILED) private readonly failed: Failed) {}
      onApplicationBootstrap(): void {
        this.failed(new Fault('transport.damaged', { retry: 'never' }));
      }
    }
    @Module({ providers: [Dying] })
    class DyingModule {}
    await expect(start({ modules: () => [DyingModule] })).rejects.toMatchObject({ code: 'transport.damaged' });
  });

  it('takes back what was prepared when the start fails after that, and not otherwise', async () => {
    const takenBack: string[] = [];
    const plan = (prepared: string) => ({
      prepare: () => Promise.resolve(prepared),
      takeBack: (it: string) => {
        takenBack.push(it);
        return Promise.resolve();
      },
    });
    const { url } = await start({ ...plan('kept'), door: () => ({ host: '127.0.0.1', port: 0 }) });
    const port = Number(new URL(url ?? '').port);
    await expect(start({ ...plan('lost'), door: () => ({ host: '127.0.0.1', port }) })).rejects.toMatchObject({
      code: 'gateway.port-in-use',
    });
    for (const process of running.splice(0)) await process.close();
    expect(takenBack).toEqual(['lost']);
  });

  it('says that a port is in use, and which host is none of this machine', async () => {
    const { url } = await start({ door: () => ({ host: '127.0.0.1', port: 0 }) });
    const port = Number(new URL(url ?? '').port);
    await expect(start({ door: () => ({ host: '127.0.0.1', port }) })).rejects.toMatchObject({
      code: 'gateway.port-in-use',
      facts: { port },
      advice: expect.stringContaining('PSTREAM_PORT'),
    });
    await expect(start({ door: () => ({ host: '192.0.2.1', port: 0 }) })).rejects.toMatchObject({ code: 'gateway.bad-host' });
  });
});
