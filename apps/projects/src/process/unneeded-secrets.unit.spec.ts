import {
  endpointStream,
  mailboxJobStream,
  type DomainEvent,
  type EndpointConfig,
  type MailboxJobEvent,
  type StreamName,
} from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { deriveId, Fault } from '@pstream/kernel';
import { SecretSweep } from '@pstream/secrets';
import { FakeClock, passSettings } from '@pstream/testing';
import { keepStates, type ProjectsPorts } from '../commands/ports.js';
import { unneededSecrets } from './unneeded-secrets.js';

const clock = new FakeClock();
const at = clock.now();
const [workgroupId, customerId, projectId] = ['default', deriveId('customer'), deriveId('project')];
const never = new AbortController().signal;
const endpointId = (name: string): string => deriveId('endpoint', name);
const refOf = (name: string): string => `secret:${deriveId('secret', name)}`;
const azure = (name: string): EndpointConfig => ({
  kind: 'azure-blob',
  account: 'contosopst',
  region: 'westeurope',
  credential: { kind: 'key', ref: refOf(name) },
});

/** Secrets, each for the endpoint of its name, and the streams that may need them. */
class Scene {
  readonly secrets = new Map<string, string>();
  /** The next deletion fails, as if the store were away. */
  isAway = false;
  readonly #store = memoryEventStore();
  readonly #ports: ProjectsPorts = {
    store: this.#store,
    kept: keepStates(),
    clock,
    coverage: () => Promise.reject(new Error('nobody asks')),
    settleParts: () => Promise.reject(new Error('nobody asks')),
    applyBundles: () => Promise.reject(new Error('nobody asks')),
  };
  #sweep = this.#begin();
  #commits = 0;

  #begin(): SecretSweep {
    const secrets: ConstructorParameters<typeof SecretSweep>[0] = {
      list: () => Promise.resolve([...this.secrets].map(([ref, purpose]) => ({ ref, purpose }))),
      delete: (ref) => {
        if (this.isAway) return Promise.reject(new Fault('secret.unavailable', { retry: { afterMs: 500 } }));
        this.secrets.delete(ref);
        return Promise.resolve();
      },
    };
    return new SecretSweep(secrets, unneededSecrets(this.#ports));
  }

  restart(): void {
    this.#sweep = this.#begin();
  }

  round(): Promise<number> {
    return this.#sweep.round(never);
  }

  put(name: string, purpose = `endpoint:${endpointId(name)}`): void {
    this.secrets.set(refOf(name), purpose);
  }

  async add(name: string): Promise<void> {
    this.put(name);
    const data = { workgroupId, customerId, endpointId: endpointId(name), name, config: azure(name), at };
    await this.#record(endpointStream(endpointId(name)), { type: 'EndpointAdded', data });
  }

  remove(name: string): Promise<void> {
    const data = { workgroupId, customerId, endpointId: endpointId(name), at };
    return this.#record(endpointStream(endpointId(name)), { type: 'EndpointRemoved', data });
  }

  /** An event of the only pass of a mailbox. */
  pass(
    mailbox: string,
    event: 'PassStarted' | 'PassFailed' | 'PassCompleted' | 'MailboxRemoved' | 'MailboxClosed',
    destination: string,
  ): Promise<void> {
    const refs = { workgroupId, customerId, projectId, mailboxJobId: deriveId('mailbox', mailbox), passId: deriveId('pass', mailbox), at };
    const totals = { discovered: 1, exported: 1, skipped: 0, failed: 0 };
    const settings = { ...passSettings, destination: azure(destination) as typeof passSettings.destination };
    const events = {
      PassStarted: { type: 'PassStarted', data: { ...refs, number: 1, kind: 'full', settings } },
      PassFailed: { type: 'PassFailed', data: { ...refs, kind: 'full', cause: { code: 'x.y' } } },
      PassCompleted: { type: 'PassCompleted', data: { ...refs, kind: 'full', pass: totals, mailbox: totals } },
      MailboxRemoved: { type: 'MailboxRemoved', data: refs },
      MailboxClosed: { type: 'MailboxClosed', data: refs },
    } as const satisfies Record<string, MailboxJobEvent>;
    return this.#record(mailboxJobStream(refs.mailboxJobId), events[event]);
  }

  async #record<E extends DomainEvent>(stream: StreamName<E>, event: NoInfer<E>): Promise<void> {
    const expectedVersion = (await this.#store.read(stream)).length;
    const metadata = { commandId: `test-${this.#commits++}`, by: 'test' };
    await this.#store.append({ context: 'projects', stream, expectedVersion, events: [event], at, metadata });
  }
}

describe('the search for secrets that nothing needs', () => {
  it('leaves those of endpoints, and those that are for something else', async () => {
    const scene = new Scene();
    await scene.add('kept');
    scene.put('other', 'licence:1');
    for (let n = 0; n < 3; n++) expect(await scene.round()).toBe(0);
    expect(scene.secrets.size).toBe(2);
  });

  it('deletes that of a removed endpoint with the second round', async () => {
    const scene = new Scene();
    await scene.add('kept');
    await scene.add('gone');
    await scene.remove('gone');
    expect([await scene.round(), await scene.round(), await scene.round()]).toEqual([0, 1, 0]);
    expect([...scene.secrets.keys()]).toEqual([refOf('kept')]);
  });

  it('keeps it as long as a pass is open that started with it', async () => {
    const scene = new Scene();
    await scene.add('gone');
    await scene.pass('ann', 'PassStarted', 'gone');
    await scene.pass('bob', 'PassStarted', 'gone');
    await scene.remove('gone');
    expect([await scene.round(), await scene.round()]).toEqual([0, 0]);
    await scene.pass('ann', 'PassCompleted', 'gone');
    await scene.pass('bob', 'PassFailed', 'gone');
    expect(await scene.round()).toBe(0);
    await scene.pass('bob', 'MailboxRemoved', 'gone');
    expect(await scene.round()).toBe(1);
  });

  it('deletes it though a pass has failed, once its project is closed', async () => {
    const scene = new Scene();
    await scene.add('gone');
    await scene.pass('ann', 'PassStarted', 'gone');
    await scene.pass('ann', 'PassFailed', 'gone');
    await scene.remove('gone');
    expect([await scene.round(), await scene.round()]).toEqual([0, 0]);
    await scene.pass('ann', 'MailboxClosed', 'gone');
    expect(await scene.round()).toBe(1);
  });

  it('deletes what a request left that ended between the secret and the endpoint, but not before its endpoint could have come', async () => {
    const scene = new Scene();
    scene.put('late');
    scene.put('lost');
    expect(await scene.round()).toBe(0);
    await scene.add('late');
    expect(await scene.round()).toBe(1);
    expect([...scene.secrets.keys()]).toEqual([refOf('late')]);
  });

  it('deletes what an endpoint never had, though it is for that endpoint', async () => {
    const scene = new Scene();
    await scene.add('kept');
    scene.put('refused', `endpoint:${endpointId('kept')}`);
    expect([await scene.round(), await scene.round()]).toEqual([0, 1]);
    expect([...scene.secrets.keys()]).toEqual([refOf('kept')]);
  });

  it('deletes what a test of an endpoint left that was not saved', async () => {
    const scene = new Scene();
    scene.put('tried', 'endpoint-test');
    expect([await scene.round(), await scene.round()]).toEqual([0, 1]);
  });

  it('goes on after a failure and after a restart', async () => {
    const scene = new Scene();
    await scene.add('gone');
    await scene.remove('gone');
    await scene.round();
    scene.isAway = true;
    await expect(scene.round()).rejects.toMatchObject({ code: 'secret.unavailable' });
    scene.isAway = false;
    expect(await scene.round()).toBe(1);
    await scene.add('another');
    await scene.remove('another');
    await scene.round();
    scene.restart();
    expect([await scene.round(), await scene.round()]).toEqual([0, 1]);
  });
});
