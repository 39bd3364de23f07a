import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recorded } from './recorded.js';
import { repositoryRoot } from './shared-dir.js';
import { tempDir } from './temp-dir.js';
import { waitFor } from './wait-for.js';

describe('waitFor', () => {
  it('returns the first truthy value', async () => {
    let calls = 0;
    expect(await waitFor(() => (++calls > 30 ? `after ${calls}` : ''))).toBe('after 31');
  });

  it('fails with what it last saw when nothing moves', async () => {
    await expect(waitFor(() => false, { stallMs: 20, progress: () => ({ queue: 3 }), what: 'an empty queue' })).rejects.toThrow(
      'stalled for 20 ms while waiting for an empty queue; last seen: { queue: 3 }',
    );
  });

  it('is patient with work that is slow but moves', async () => {
    let count = 0;
    expect(await waitFor(() => ++count, { stallMs: 1, until: (value) => value === 50 })).toBe(50);
  });
});

describe('tempDir', () => {
  it('makes a folder of its own for each call', () => {
    const [one, two] = [tempDir(), tempDir()];
    writeFileSync(join(one, 'file'), 'x');
    expect(existsSync(join(two, 'file'))).toBe(false);
  });
});

describe('recorded', () => {
  it('numbers events within their stream', () => {
    const events = recorded(
      'projects',
      'project:1',
      [
        { type: 'A', data: 1 },
        { type: 'B', data: 2 },
      ],
      { after: 4 },
    );
    expect(events.map((event) => [event.version, event.type])).toEqual([
      [5, 'A'],
      [6, 'B'],
    ]);
    expect(new Set(events.map((event) => event.id)).size).toBe(2);
  });
});

describe('repositoryRoot', () => {
  it('holds the workspace file', () => {
    expect(existsSync(join(repositoryRoot, 'nx.json'))).toBe(true);
  });
});
