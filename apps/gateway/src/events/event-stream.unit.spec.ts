import { rightsOf } from '@pstream/api';
import { VIEWS, type Change } from '@pstream/contracts';
import { ChangeRing } from './change-ring.js';
import { EventStream, type Concerning } from './event-stream.js';
import type { Within } from './reach.js';

const owner = (workgroupId: string): Within['principal'] => ({ by: 'P', workgroupId, rights: rightsOf('owner', workgroupId) });
const change = (id: string, more: Partial<Change> = {}): Change => ({
  view: 'mailboxes_v4',
  id,
  generation: 'g0',
  live: true,
  revision: 1,
  gone: false,
  projectId: 'p',
  customerId: 'c',
  ...more,
});

describe('listening to changes', () => {
  let ring: ChangeRing;
  const everything: Within = { principal: owner('default') };
  const streams: EventStream[] = [];
  const open = (from?: string, concerning: Concerning = {}, within: Within = everything): EventStream => {
    const stream = new EventStream(concerning, within, ring, from);
    streams.push(stream);
    return stream;
  };
  const add = (partition: number, offset: number, what: Change, bytes = 10): void => {
    if (ring.leavesOut(partition, BigInt(offset))) for (const stream of streams) stream.reset(ring);
    const held = ring.add(partition, BigInt(offset), what, bytes);
    if (held !== undefined) for (const stream of streams) stream.hand(held, ring);
  };
  /** What was written since the last look: `event id document`. */
  const heard = (stream: EventStream): string[] =>
    ((stream.read() as Buffer | null)?.toString() ?? '')
      .split('\n\n')
      .filter((block) => block !== '')
      .map((block) => {
        if (block.startsWith(':')) return 'comment';
        const [id = '', event = '', data = ''] = block.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
        return [event, id, (JSON.parse(data) as { id?: string }).id].filter(Boolean).join(' ');
      });

  beforeEach(() => {
    ring = new ChangeRing({ entries: 4, bytes: 1_000 });
    ring.begin(0, 5n);
    ring.begin(1, 0n);
    streams.length = 0;
  });

  it('begins with where it stands, and goes on behind what was heard, here or at a gateway that read in another order', () => {
    const first = open();
    add(0, 5, change('a'));
    add(1, 0, change('b'));
    expect(heard(first)).toEqual(['ready 0.5-1.0', 'changed 0.6-1.0 a', 'changed 0.6-1.1 b']);
    expect(heard(open('0.6-1.0'))).toEqual(['ready 0.6-1.0', 'changed 0.6-1.1 b']);
    expect(heard(open('0.5-1.1'))).toEqual(['ready 0.5-1.1', 'changed 0.6-1.0 a']);
  });

  it('resets a client whose position is older than what is held, of another log, or none', () => {
    for (let offset = 5; offset < 12; offset++) add(0, offset, change(`m${offset}`));
    expect(heard(open('0.8-1.0'))).toEqual([
      'ready 0.8-1.0',
      'changed 0.9-1.0 m8',
      'changed 0.10-1.0 m9',
      'changed 0.11-1.0 m10',
      'changed 0.12-1.0 m11',
    ]);
    for (const position of ['0.7-1.0', '0.13-1.0', '0.12', '0.12-1.0-2.0', '0.12-2.0', 'nonsense', '0.-1'])
      expect(heard(open(position))).toEqual(['reset 0.12-1.0']);
  });

  it('hands on what concerns the client: what names nobody concerns everyone, what is not live nobody', () => {
    const [project, customer, all] = [open(undefined, { project: 'p' }), open(undefined, { customer: 'c' }), open()];
    add(0, 5, change('a'));
    add(0, 6, change('b', { projectId: 'q' }));
    add(0, 7, change('d', { projectId: undefined, customerId: undefined, gone: true }));
    add(0, 8, change('e', { live: false }));
    const unowned = { projectId: undefined, customerId: undefined };
    add(0, 9, change('n', { view: VIEWS.notices, workgroupId: 'default', ...unowned }));
    add(0, 10, change('default', { view: VIEWS.plans, workgroupId: 'default', ...unowned }));
    const ids = (stream: EventStream): (string | undefined)[] =>
      heard(stream)
        .slice(1)
        .map((line) => line.split(' ')[2]);
    expect([ids(project), ids(customer), ids(all)]).toEqual([
      ['a', 'd', 'default'],
      ['a', 'b', 'd', 'default'],
      ['a', 'b', 'd', 'n', 'default'],
    ]);
  });

  it('tells everyone to read again when another generation serves', () => {
    const stream = open(undefined, { project: 'p' });
    const held = ring.add(0, 5n, { view: 'mailboxes_v4', switched: 'g1' }, 10);
    if (held !== undefined) stream.hand(held, ring);
    expect(heard(stream)).toEqual(['ready 0.5-1.0', 'reset 0.6-1.0']);
  });

  it('has everyone read everything again where changes were forgotten before they came here', () => {
    const [client, other] = [open(), open()];
    heard(client);
    add(0, 5, change('a'));
    add(0, 8, change('d'));
    expect(heard(client)).toEqual(['changed 0.6-1.0 a', 'reset 0.8-1.0', 'changed 0.9-1.0 d']);
    expect(heard(other)).toEqual(['ready 0.5-1.0', 'changed 0.6-1.0 a', 'reset 0.8-1.0', 'changed 0.9-1.0 d']);
    expect(heard(open('0.6-1.0'))).toEqual(['reset 0.9-1.0']);
    expect(heard(open('0.8-1.0'))).toEqual(['ready 0.8-1.0', 'changed 0.9-1.0 d']);
  });

  it('keeps a bounded amount for a client that does not read, and resets it once it does', () => {
    ring = new ChangeRing({ entries: 10_000, bytes: 10_000_000 });
    ring.begin(0, 0n);
    const stream = open();
    for (let offset = 0; offset < 5_000; offset++) add(0, offset, change(`m${offset}`));
    expect(stream.readableLength).toBeLessThan(300 * 1024);
    const before = heard(stream);
    expect(before.length).toBeLessThan(5_000);
    stream.beat(ring);
    expect(heard(stream)).toEqual(['reset 0.5000']);
    add(0, 5_000, change('later'));
    expect(heard(stream)).toEqual(['changed 0.5001 later']);
    stream.beat(ring);
    expect(heard(stream)).toEqual(['comment']);
  });

  it('has a client whose workgroup got a customer read everything again', () => {
    const stream = open(undefined, {}, { principal: owner('w'), customers: new Set(['c']) });
    heard(stream);
    stream.narrow({ principal: owner('w'), customers: new Set(['c']) }, ring);
    expect(heard(stream)).toEqual([]);
    stream.narrow({ principal: owner('w'), customers: new Set(['c', 'new']) }, ring);
    expect(heard(stream)[0]).toMatch(/^reset/);
    add(0, 5, change('of new', { customerId: 'new' }));
    expect(heard(stream)).toHaveLength(1);
  });
});
