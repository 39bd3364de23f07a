import type { DiscoveredFile, DiscoveryReportEvent, DiscoveryRunEvent } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { decider, rejected } from '@pstream/testing';
import * as reports from './report.js';
import * as runs from './run.js';

const at = '2026-12-01T00:00:00.000Z';
const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', runId: 'r' };
const plan = { rows: 2, toUpload: 1, bytes: 10 };
const head = { ...refs, computer: 'pc7', destination: '/mnt/imports', plan, at };
const begun: DiscoveryRunEvent = { type: 'DiscoveryRunBegun', data: head };
const ended = (stoppedBy: string | null): DiscoveryRunEvent => ({ type: 'DiscoveryRunEnded', data: { ...refs, stoppedBy, at } });

describe('a run', () => {
  const run = decider({ decide: runs.decide, evolve: runs.evolve, initial: runs.noRun });
  const begin = { type: 'BeginDiscoveryRun', ...head } as const;
  const end = { type: 'EndDiscoveryRun', projectId: 'p', runId: 'r', stoppedBy: null, at } as const;
  it('begins once', () => {
    run.given().when(begin).then(begun);
    run.given(begun).when(begin).then();
    run.given(begun, ended(null)).when(begin).then();
  });
  it('ends once, in its own project', () => {
    run
      .given(begun)
      .when({ ...end, stoppedBy: 'storage.full' })
      .then(ended('storage.full'));
    run.given(begun, ended(null)).when(end).then();
    run.given().when(end).then(rejected('discovery-run.unknown'));
    run
      .given(begun)
      .when({ ...end, projectId: 'another' })
      .then(rejected('discovery-run.unknown'));
  });
});

describe('a report', () => {
  const report = decider({ decide: reports.decide, evolve: reports.evolve, initial: reports.noReport });
  const file = (path: string, state: DiscoveredFile['state'] = 'uploaded'): DiscoveredFile => ({
    path,
    name: 'a.pst',
    owner: 'ann@contoso.com',
    kind: 'pst',
    bytes: 10,
    state,
    reason: '',
    sha256: null,
  });
  const made = (...files: DiscoveredFile[]) => ({ refs, computer: 'pc7', report: 1, files, ended: false, at });
  const recorded = (...files: DiscoveredFile[]): DiscoveryReportEvent => ({
    type: 'DiscoveredFilesReported',
    data: {
      ...refs,
      computer: 'pc7',
      report: 1,
      files: files.map((each) => ({ fileId: deriveId('discovered-file', 'p', 'pc7', each.path), ...each })),
      at,
    },
  });
  it('is made once, and knows a file of a machine again in every run', () => {
    report
      .given()
      .when(made(file('/a')))
      .then(recorded(file('/a')));
    report
      .given(recorded(file('/a')))
      .when(made(file('/a')))
      .then();
  });
  it('with other files under its number is refused', () => {
    const given = report.given(recorded(file('/a')));
    given.when(made(file('/a', 'failed'))).then(rejected('discovery-run.other-files'));
    given.when(made(file('/a'), file('/b'))).then(rejected('discovery-run.other-files'));
  });
  it('of a run that has ended is refused, unless it was made before', () => {
    report
      .given()
      .when({ ...made(file('/a')), ended: true })
      .then(rejected('discovery-run.ended'));
    report
      .given(recorded(file('/a')))
      .when({ ...made(file('/a')), ended: true })
      .then();
  });
});
