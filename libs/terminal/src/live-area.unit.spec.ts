import { TerminalEmulator } from '@pstream/testing';
import { liveArea } from './live-area.js';

const long = '█'.repeat(150);

describe('a live area', () => {
  it.each([60, 80, 120])('leaves nothing behind of lines that are longer than %i columns', async (columns) => {
    const screen = await TerminalEmulator.open(columns, 24);
    const live = liveArea(screen, 'xterm');
    live?.print('before');
    for (let at = 0; at < 5; at++) live?.show([`${at} ${long}`, `ann@contoso.com ${long}`, 'bob']);
    const [before, first, ...rest] = await screen.lines();
    expect([before, first?.slice(0, 3), first?.length, rest.length]).toEqual(['before', '4 █', columns - 1, 2]);
    live?.print('after');
    live?.close();
    expect(await screen.lines()).toEqual(['before', 'after']);
  });

  it('counts wide characters twice', async () => {
    const screen = await TerminalEmulator.open(60, 24);
    const live = liveArea(screen, 'xterm');
    live?.show(['漢字'.repeat(40), 'second']);
    expect((await screen.lines()).length).toBe(2);
    live?.close();
    expect(await screen.lines()).toEqual([]);
  });

  it('leaves nothing behind when the terminal becomes narrower or wider in between', async () => {
    const screen = await TerminalEmulator.open(120, 24);
    const live = liveArea(screen, 'xterm');
    live?.print('before');
    live?.show([long, long]);
    for (const columns of [60, 100, 40]) {
      await screen.resize(columns);
      live?.show([`now ${long}`, 'second']);
      const lines = await screen.lines();
      expect([lines.length, lines[0], lines[1]?.length, lines[2]]).toEqual([3, 'before', columns - 1, 'second']);
    }
  });

  it('is not there without a terminal, or on a dumb one', async () => {
    expect(liveArea({ write: () => true }, 'xterm')).toBeUndefined();
    expect(liveArea(await TerminalEmulator.open(80, 24), 'dumb')).toBeUndefined();
  });
});
