import { memoryBlobStore, type PartStore } from '@pstream/blob';
import { partStream, type ReadPart, type ReadPartReply } from '@pstream/contracts';
import { deriveId, Fault } from '@pstream/kernel';
import { PassBuilder } from '../pass/pass-builder.js';
import { PassScene } from '../pass-scene.fixture.js';
import { OpenParts } from './open-parts.js';
import { readPart } from './read-part.js';

/** A mailbox with one finished part of five messages, and what somebody asks of it. */
class Looked {
  readonly scene = new PassScene(memoryBlobStore());
  readonly reads: number[] = [];
  opened = 0;
  closed = 0;
  failing: Fault | undefined;
  readonly parts = new OpenParts({ store: this.scene.store, clock: this.scene.clock, parts: () => this.#store() });
  readonly partId = deriveId('part', this.scene.refs.passId, 1);

  async begin(isSealed = true): Promise<void> {
    const { scene } = this;
    await scene.begin();
    const builder = await PassBuilder.open(await scene.ports(), await scene.control());
    for (let nth = 1; nth <= 5; nth++) await builder.take(await scene.published(nth), new Uint8Array());
    await builder.checkpoint();
    if (isSealed) await builder.end(scene.end(5));
    else await builder.release();
  }

  ask(ask: ReadPart['ask'], ids: Partial<ReadPart> = {}): Promise<ReadPartReply> {
    return readPart(this.parts, { mailboxJobId: this.scene.refs.mailboxJobId, partId: this.partId, ask, ...ids });
  }

  async folder(): Promise<number> {
    const reply = await this.ask({ what: 'folders' });
    return (reply.is === 'folders' ? reply.folders : []).find(({ path }) => path[0] === 'Inbox')!.folder;
  }

  async #store(): Promise<PartStore> {
    const store = await this.scene.parts();
    return {
      ...store,
      open: async (name) => {
        const source = await store.open(name);
        this.opened++;
        return {
          size: source.size,
          read: (offset, length) => {
            this.reads.push(length);
            return this.failing === undefined ? source.read(offset, length) : Promise.reject(this.failing);
          },
          close: () => {
            this.closed++;
            return source.close();
          },
        };
      },
    };
  }
}

const subjectsOf = (reply: ReadPartReply): unknown => (reply.is === 'messages' ? reply.messages.map(({ subject }) => subject) : reply);

describe('a finished part', () => {
  const looked = new Looked();
  beforeAll(() => looked.begin());
  afterAll(() => looked.parts.onApplicationShutdown());

  it('is opened once, and read by ranges', async () => {
    expect(await looked.ask({ what: 'folders' })).toMatchObject({ is: 'folders', isWhole: true });
    const folder = await looked.folder();
    const page = await looked.ask({ what: 'messages', folder, cursor: null, limit: 2 });
    expect(subjectsOf(page)).toEqual(['mail 5', 'mail 4']);
    expect(page).toMatchObject({ scanned: 2, total: 5, next: '2' });
    const rest = await looked.ask({ what: 'messages', folder, cursor: '2', limit: 200 });
    expect(subjectsOf(rest)).toEqual(['mail 3', 'mail 2', 'mail 1']);
    expect(rest).toMatchObject({ scanned: 5, next: null });
    expect(looked.opened).toBe(1);
    expect(Math.max(...looked.reads)).toBeLessThanOrEqual(64 * 1024);
  });

  it('is searched through its folders, a page at a time', async () => {
    const first = await looked.ask({ what: 'search', folder: null, subject: 'MAIL', cursor: null, limit: 3 });
    expect(subjectsOf(first)).toEqual(['mail 1', 'mail 2', 'mail 3']);
    const next = first.is === 'messages' ? first.next : null;
    expect(subjectsOf(await looked.ask({ what: 'search', folder: null, subject: 'MAIL', cursor: next, limit: 3 }))).toEqual([
      'mail 4',
      'mail 5',
    ]);
    expect(await looked.ask({ what: 'search', folder: await looked.folder(), subject: 'nothing', cursor: null, limit: 9 })).toMatchObject({
      messages: [],
      scanned: 5,
      total: 5,
      next: null,
    });
  });

  it('shows a message, and says so where something is not there', async () => {
    const page = await looked.ask({ what: 'messages', folder: await looked.folder(), cursor: null, limit: 1 });
    const { message } = page.is === 'messages' ? page.messages[0]! : { message: 0 };
    expect(await looked.ask({ what: 'message', message: [message], html: false })).toMatchObject({
      is: 'message',
      message: { subject: 'mail 5', hasHtml: false, attachments: [], isCut: false },
    });
    const nothing: ReadPart['ask'][] = [
      { what: 'message', message: [0x7ff_ffe4], html: false },
      { what: 'messages', folder: 99, cursor: null, limit: 1 },
      { what: 'search', folder: 99, subject: 'x', cursor: null, limit: 1 },
      { what: 'attachment', message: [message], attachment: 0x8005, offset: 0, length: 10 },
    ];
    for (const ask of nothing) expect(await looked.ask(ask)).toEqual({ is: 'not-in-part' });
    for (const cursor of ['x', '1-2-3', '-1'])
      expect(await looked.ask({ what: 'search', folder: null, subject: 'x', cursor, limit: 1 })).toEqual({ is: 'bad-cursor' });
  });

  it('is nobody else’s', async () => {
    const other = '01JQ000000000000000000000Z';
    expect(await looked.ask({ what: 'folders' }, { mailboxJobId: other })).toEqual({ is: 'no-part' });
    expect(await looked.ask({ what: 'folders' }, { partId: other })).toEqual({ is: 'no-part' });
  });
});

describe('a part', () => {
  it('that is not finished is none', async () => {
    const looked = new Looked();
    await looked.begin(false);
    expect(await looked.ask({ what: 'folders' })).toEqual({ is: 'no-part' });
    expect(looked.opened).toBe(0);
  });

  it('whose destination fails is said to, and opened afresh for the next', async () => {
    const looked = new Looked();
    await looked.begin();
    looked.failing = new Fault('destination.forbidden', { retry: 'never', advice: 'Give the credential the right to read.' });
    expect(await looked.ask({ what: 'folders' })).toMatchObject({ is: 'refused', cause: { code: 'destination.forbidden' } });
    looked.failing = undefined;
    expect(await looked.ask({ what: 'folders' })).toMatchObject({ is: 'folders' });
    expect([looked.opened, looked.closed]).toEqual([2, 1]);
    await looked.parts.onApplicationShutdown();
    expect(looked.closed).toBe(2);
  });

  it('that was deleted meanwhile is no longer shown', async () => {
    const looked = new Looked();
    await looked.begin();
    await looked.ask({ what: 'folders' });
    const { scene, partId } = looked;
    await scene.append('build', partStream(partId), { type: 'PartRemoved', data: { ...scene.refs, partId, at: scene.clock.now() } });
    expect(await looked.ask({ what: 'folders' })).toEqual({ is: 'no-part' });
    expect(looked.closed).toBe(1);
  });
});
