// What the PST benchmarks share: a target that keeps nothing, rounds, and a look at where the time of a round goes.
import { Session } from 'node:inspector/promises';
import { PstWriter } from '@pstream/pst/writer';

/** A writer that nobody keeps the extents of. */
export const nullWriter = (folders = 1, target = { stage: async () => undefined }) => {
  const writer = PstWriter.create(target, {
    recordKey: new Uint8Array(16).fill(7),
    displayName: 'Benchmark',
    createdAt: '2024-01-01T00:00:00Z',
  });
  for (let folder = 0; folder < folders; folder++) writer.ensureFolder({ key: `${folder}`, parent: null, name: `Folder ${folder}` });
  return writer;
};

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Median and range of rates as text. */
export const spread = (rates) =>
  `median ${median(rates).toFixed(0)}, rounds from ${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}`;

/** Runs `work` with a CPU profile. Returns the share of each of our functions, with what it calls of Node's, the largest first: { name, place, share }. */
export const profile = async (work) => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  await work();
  const {
    profile: { nodes, samples, timeDeltas },
  } = await session.post('Profiler.stop');
  session.disconnect();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id])));
  const self = new Map();
  let total = 0;
  samples.forEach((id, index) => {
    const { functionName, url } = byId.get(id).callFrame;
    if (functionName === '(idle)' || functionName === '(program)' || url === 'node:inspector') return;
    // what is not JavaScript counts for the function of ours that called it
    let at = id;
    while (functionName !== '(garbage collector)' && !byId.get(at).callFrame.url.startsWith('file:') && parents.has(at))
      at = parents.get(at);
    const own = byId.get(at).callFrame;
    const key = JSON.stringify([
      own.functionName || '(anonymous)',
      own.url === '' ? '' : `${own.url.split('/').slice(-2).join('/')}:${own.lineNumber + 1}`,
    ]);
    self.set(key, (self.get(key) ?? 0) + timeDeltas[index]);
    total += timeDeltas[index];
  });
  return [...self]
    .map(([key, time]) => ({ name: JSON.parse(key)[0], place: JSON.parse(key)[1], share: time / total }))
    .sort((a, b) => b.share - a.share);
};

/** Lines for a log. */
export const top = (functions, count) =>
  functions
    .slice(0, count)
    .map(({ name, place, share }) => `  ${(100 * share).toFixed(1).padStart(5)} % ${name} ${place}`)
    .join('\n');
