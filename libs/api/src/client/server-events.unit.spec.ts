import { serverEvents, type ServerEvent } from './server-events.js';

const bytes = new TextEncoder();
const read = async (chunks: Iterable<Uint8Array>): Promise<readonly ServerEvent[]> => {
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield* chunks;
  };
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(body())) events.push(event);
  return events;
};
const readText = (text: string): Promise<readonly ServerEvent[]> => read([bytes.encode(text)]);

const TEXT =
  'id: 0.17-1.4\nevent: ready\ndata: {}\n\n:\n\nid: 0.18-1.4\r\nevent: changed\r\ndata: {"id":"Zoë"}\r\n\r\nevent: reset\rdata: {}\r\r';
const EVENTS: readonly ServerEvent[] = [
  { is: 'event', name: 'ready', data: '{}', id: '0.17-1.4' },
  { is: 'comment' },
  { is: 'event', name: 'changed', data: '{"id":"Zoë"}', id: '0.18-1.4' },
  { is: 'event', name: 'reset', data: '{}', id: '0.18-1.4' },
];

describe('server-sent events', () => {
  it('are read whatever ends their lines', async () => {
    expect(await readText(TEXT)).toEqual(EVENTS);
  });

  it('are read however the body is cut into chunks', async () => {
    const whole = bytes.encode(TEXT);
    for (let cut = 1; cut < whole.length; cut++)
      expect([cut, await read([whole.subarray(0, cut), whole.subarray(cut)])]).toEqual([cut, EVENTS]);
    expect(await read([...whole].map((_byte, at) => whole.subarray(at, at + 1)))).toEqual(EVENTS);
  });

  it('have data of several lines, a name by default, and fields that nobody knows', async () => {
    expect(await readText('data: a\ndata:b\nretry: 10\nother\n\n')).toEqual([{ is: 'event', name: 'message', data: 'a\nb', id: '' }]);
  });

  it('are dropped without data, or where the body ends in the middle', async () => {
    expect(await readText('event: ready\n\nevent: changed\ndata: {}\n')).toEqual([]);
    expect(await readText('')).toEqual([]);
  });
});
