import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { repositoryRoot, sharedDir, tempDir } from '@pstream/testing';
import { contractTap } from './support/contract-tap.js';
import { digestsInMailbox, digestsInPsts } from './support/contents.js';
import { eventually } from './support/eventually.js';
import { fastClock } from './support/fast-clock.js';
import { castScenarios, ITEMS, readScenarios, type Cast, type Scenario } from './support/fault-scenarios.js';
import { startFleet, type Exported, type Fleet } from './support/fleet.js';

jest.setTimeout(900_000);

/** Waits of minutes are part of the lines: time runs so many times as fast. */
const FACTOR = 8;

type Row = {
  readonly scenario: Scenario;
  readonly status: string;
  readonly cause: string;
  readonly totals: { readonly discovered: number; readonly exported: number; readonly skipped: number; readonly failed: number };
  readonly mime: number;
  readonly codes: readonly string[];
  /** Causes for which folders could not be listed. */
  readonly notListed: readonly string[];
  readonly inPst: number;
  readonly twice: number;
  /** Items of the PSTs that the source does not have like that. */
  readonly altered: number;
};

const scenarios = readScenarios();
const tap = sharedDir() === undefined ? undefined : contractTap(sharedDir()!);
let fleet: Fleet;
let cast: readonly Cast[];
const rows = new Map<string, Row>();

const endOf = async ({ scenario, sim, user }: Cast, { mailbox, parts, errors, folders }: Exported): Promise<Row> => {
  const view = await eventually(mailbox, ({ pass }) => typeof pass?.endedAt === 'string', 500_000, 1000);
  const made = await eventually(
    parts,
    (all) => view.status === 'Failed' || all.every(({ state }) => state === 'verified' || state === 'abandoned'),
    500_000,
    1000,
  );
  const paths = made.flatMap(({ state, location }) => (state === 'verified' && location !== null ? [location] : []));
  const digests = await digestsInPsts(paths);
  const owner = sim.contents.user(user);
  const source = owner === undefined ? undefined : scenario.type === 'archive' ? sim.contents.archive(owner) : sim.contents.primary(owner);
  const originals = new Set(source === undefined ? [] : await digestsInMailbox(source.state));
  const failures = await errors();
  return {
    scenario,
    status: view.status,
    cause: view.cause?.code ?? '',
    totals: view.totals,
    mime: view.mime,
    codes: [...new Set(failures.map(({ code }) => code))].toSorted(),
    notListed: [...new Set((await folders()).flatMap(({ cause: why }) => why?.code ?? []))].toSorted(),
    inPst: digests.length,
    twice: digests.length - new Set(digests).size,
    altered: digests.filter((digest) => !originals.has(digest)).length,
  };
};

beforeAll(async () => {
  const clock = fastClock(FACTOR);
  cast = await castScenarios(scenarios, clock, tap?.observe);
  fleet = await startFleet(tempDir(), [...new Set(cast.map(({ user }) => user))], {
    clock,
    env: { PSTREAM_EXTRACTOR_MAILBOXES: '32', PSTREAM_EXTRACTOR_PAGE_ITEMS: '3' },
  });
  const exports: Exported[] = [];
  for (const { user, access, scenario } of cast) exports.push(await fleet.add(user, access, { type: scenario.type }));
  for (const { projectId } of exports) await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
  const ends = await Promise.allSettled(cast.map(async (each, n) => rows.set(each.scenario.name, await endOf(each, exports[n]!))));
  writeTable();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
});
afterAll(async () => {
  await fleet?.close();
  for (const sim of new Set(cast?.map((each) => each.sim))) await sim.close();
});

const PREFACE = `# What an export does under each fault

Each line is a fault script in \`test/scenarios/graph-faults\`, played by the tenant simulator on a mailbox or archive of ${String(ITEMS)} items while the
whole embedded system exports it; the lines are those of [what the simulator shows](../formats/graph-mailbox-export.md#12-what-the-tenant-simulator-shows) (Graph §12) and of [the faults](../formats/graph-mailbox-export.md#9-faults) (Graph §9).
discovered = exported + skipped + failed holds for every pass that ends, each item is in the PSTs once, and what is not there as it was is
named by a code. A pass that fails says why, and goes on from there when it is resumed. Written by
\`PSTREAM_FAULT_TABLE=docs/reference/graph-faults.md npm test -- --selectProjects system --testPathPatterns fault-matrix\`.

`;

/** The table of the run, written to where PSTREAM_FAULT_TABLE says. */
const writeTable = (): void => {
  const path = process.env['PSTREAM_FAULT_TABLE'];
  if (path === undefined) return;
  const file = join(repositoryRoot, path);
  mkdirSync(dirname(file), { recursive: true });
  const cells = ({ scenario, status, cause, totals, mime, notListed, codes }: Row): readonly (string | number)[] => {
    const ends = [scenario.line, scenario.what, cause === '' ? status : `${status}: \`${cause}\``];
    // How far a pass comes before it fails is a matter of chance.
    if (status === 'Failed') return [...ends, '', '', '', '', '', '', ''];
    const { discovered, exported, skipped, failed } = totals;
    return [
      ...ends,
      discovered,
      exported,
      mime,
      skipped,
      failed,
      notListed.map((code) => `\`${code}\``).join(', '),
      codes.map((code) => `\`${code}\``).join(', '),
    ];
  };
  const head = [
    'line',
    'what goes wrong',
    'ends as',
    'discovered',
    'exported',
    'of these as MIME',
    'skipped',
    'failed',
    'folders not listed',
    'named',
  ];
  const played = scenarios.flatMap(({ name }) => rows.get(name) ?? []);
  const lines = [head, head.map(() => '---'), ...played.map(cells)].map((line) => `| ${line.join(' | ')} |`);
  writeFileSync(file, `${PREFACE}${lines.join('\n')}\n`);
};

describe('an export under each fault of the specification', () => {
  it.each(scenarios.map((scenario) => [scenario.line, scenario.what, scenario] as const))(
    '%s: %s',
    (_line, _what, { name, expect: expected }) => {
      const { status, cause, totals, mime, codes, notListed, inPst, twice, altered } = rows.get(name)!;
      const { discovered, exported, skipped, failed } = totals;
      // as text, so that a failure shows why
      if (expected.status !== undefined) expect(JSON.stringify({ status, cause, codes })).toContain(`"status":"${expected.status}"`);
      if (expected.cause !== undefined) expect(cause).toMatch(new RegExp(`^${expected.cause.replaceAll('.', '\\.').replace('*', '.+')}$`));
      if (status === 'Failed') {
        expect(cause).not.toBe('');
      } else {
        // Nothing is lost silently, and nothing is there twice.
        expect({ discovered, sum: exported + skipped + failed, inPst, twice }).toEqual({
          discovered,
          sum: discovered,
          inPst: exported,
          twice: 0,
        });
        if (expected.notListed === undefined) expect([discovered, notListed]).toEqual([ITEMS, []]);
        else expect([discovered < ITEMS, notListed]).toEqual([true, [expected.notListed]]);
        if (expected.changed !== true) expect(altered).toBe(mime);
        expect(skipped).toBe(expected.skipped ?? 0);
        if (expected.hurt === undefined) expect({ failed, mime }).toEqual({ failed: expected.failed ?? 0, mime: 0 });
        else expect(failed + mime).toBe(expected.hurt);
      }
      for (const code of expected.codes ?? []) expect(codes).toContain(code);
      if (failed + skipped + mime > 0) expect(codes.length).toBeGreaterThan(0);
    },
  );

  it('asks for nothing, and is answered with nothing, that the API description does not have', () => {
    expect([...(tap?.complaints ?? [])]).toEqual([]);
  });
});
