import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ThreadWatch } from '@pstream/kernel';
import { PST_LAYOUT } from '@pstream/platform';
import { tempDir } from '@pstream/testing';
import { threadVerifier } from './thread-verifier.js';
import type { PartToVerify, Verifier } from './verify-part.js';

/** A thread that finds every part in order, ends at one called `fatal`, and has a bug at one called `bug`. */
const THREAD = `import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ name }) => {
  if (name === 'fatal') process.exit(7);
  parentPort.postMessage(name === 'bug' ? { defect: { name: 'TypeError', frames: ['    at somewhere'] } } : { sha256: name });
});
parentPort.postMessage('ready');`;

const part = (name: string): PartToVerify => ({
  destination: { kind: 'folder', path: '/', container: 'c' },
  layout: PST_LAYOUT,
  name,
  entries: [],
});

describe('verification in threads', () => {
  let verifier: Verifier;
  const ended: string[] = [];
  const watch: ThreadWatch = { lost: ({ code }) => ended.push(code), failed: ({ code }) => ended.push(code) };
  beforeEach(() => void ended.splice(0));
  afterEach(() => verifier.close());

  it('puts another thread in the place of one that is lost, says so, and asks for the part again', async () => {
    const file = join(tempDir(), 'thread.mjs');
    writeFileSync(file, THREAD);
    verifier = threadVerifier(watch, { threads: 1, thread: pathToFileURL(file) });
    expect(await verifier.verify(part('a'))).toBe('a');
    await expect(verifier.verify(part('fatal'))).rejects.toMatchObject({ code: 'thread.lost', retry: { afterMs: 1_000 } });
    expect(ended).toEqual(['thread.lost']);
    expect(await verifier.verify(part('b'))).toBe('b');
    await expect(verifier.verify(part('bug'))).rejects.toMatchObject({ name: 'Defect' });
    expect(await verifier.verify(part('c'))).toBe('c');
    expect(ended).toHaveLength(1);
  });

  it('says so when a thread cannot start, and never verifies in the thread of the caller', async () => {
    verifier = threadVerifier(watch, { threads: 1, thread: pathToFileURL(join(tempDir(), 'none.mjs')) });
    await expect(verifier.verify(part('a'))).rejects.toMatchObject({ code: 'thread.not-started', retry: 'never' });
    expect(ended).toEqual(['thread.not-started']);
  });
});
