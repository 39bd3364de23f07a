import { discoveredStates, discoverySums, type Amounts, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { expectDocument, type Document } from '@pstream/projections';
import { recorded } from '@pstream/testing';
import fc from 'fast-check';
import { discoveryFiles, discoveryRuns } from './projection.js';

const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', runId: 'r' };
const at = (minute: number): string => `2026-12-01T10:${String(minute).padStart(2, '0')}:00.000Z`;

describe('a run', () => {
  const plan = { rows: 2, toUpload: 1, bytes: 10 };
  const head = { computer: 'pc7', destination: '/mnt/imports', plan };
  const begun = { type: 'DiscoveryRunBegun', data: { ...refs, ...head, at: at(0) } };
  const ended = (stoppedBy: string | null) => ({ type: 'DiscoveryRunEnded', data: { ...refs, stoppedBy, at: at(9) } });
  it.each([
    [null, 'finished'],
    ['storage.full', 'stopped'],
  ])('that ended because of %s is %s', (stoppedBy, state) => {
    expectDocument(discoveryRuns, 'r')
      .after(...recorded('projects', 'discovery-run:r', [begun, ended(stoppedBy)]))
      .toBe({
        runId: 'r',
        projectId: 'p',
        customerId: 'c',
        ...head,
        state,
        stoppedBy,
        startedAt: at(0),
        endedAt: at(9),
      });
  });
});

type Reported = Extract<PublishedEvent, { type: 'DiscoveredFilesReported' }>['data'];

/** Reports of two runs one after the other, over six files; states and sizes change from one report to the next. */
const reports = fc
  .array(fc.array(fc.tuple(fc.nat(5), fc.constantFrom(...discoveredStates), fc.option(fc.nat(100))), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((all) =>
    all.map((files, n): RecordedEvent => {
      const data: Reported = {
        ...refs,
        runId: n < all.length / 2 ? 'r1' : 'r2',
        computer: 'pc7',
        report: n + 1,
        at: at(n),
        files: files.map(([file, state, bytes]) => ({
          fileId: `f${file}`,
          path: `/f${file}`,
          name: '',
          owner: '',
          kind: 'pst',
          bytes,
          state,
          reason: '',
          sha256: null,
        })),
      };
      return recorded('projects', `discovery-report:${n}`, [{ type: 'DiscoveredFilesReported', data }])[0]!;
    }),
  );

/** The documents after the events, as they were heard. */
const documentsOf = (events: readonly RecordedEvent[]): ReadonlyMap<string, Document> => {
  const documents = new Map<string, Document>();
  for (const event of events)
    for (const id of discoveryFiles.keys(event)) {
      const after = discoveryFiles.evolve(documents.get(id) ?? null, event, id);
      if (after !== null) documents.set(id, after);
    }
  return documents;
};

const sumsOf = (documents: ReadonlyMap<string, Document>, scope: string) => {
  const amounts: Record<string, number> = {};
  for (const [id, document] of documents) {
    const share = discoveryFiles.announce?.(document, id).share;
    if (share?.scopes.includes(scope) === true)
      for (const [name, amount] of Object.entries(share.amounts)) amounts[name] = (amounts[name] ?? 0) + amount;
  }
  return discoverySums(amounts as Amounts);
};

describe('files that are reported in any order, and some of them again', () => {
  const shuffled = reports.chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc
        .shuffledSubarray([...events, ...events], { minLength: events.length, maxLength: events.length * 2 })
        .filter((heard) => events.every((event) => heard.includes(event))),
    ),
  );
  it('become what was reported of them last, once in each run and once in the project', () => {
    fc.assert(
      fc.property(shuffled, ([events, heard]) => {
        const documents = documentsOf(heard);
        expect(documents).toEqual(documentsOf(events));
        const last = new Map<string, Reported['files'][number]>();
        for (const { data } of events) for (const file of (data as Reported).files) last.set(file.fileId, file);
        const sums = sumsOf(documents, 'discovery:p');
        expect(sums.found).toBe(last.size);
        for (const state of discoveredStates) {
          const some = [...last.values()].filter((file) => file.state === state);
          expect([state, sums[state], sums.bytes[state]]).toEqual([
            state,
            some.length,
            some.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
          ]);
        }
        for (const scope of ['discovery:p', 'discovery:r1', 'discovery:r2']) {
          const { found, uploaded, skipped, failed, bytes } = sumsOf(documents, scope);
          expect([found, bytes.found]).toEqual([uploaded + skipped + failed, bytes.uploaded + bytes.skipped + bytes.failed]);
        }
      }),
    );
  });
});
