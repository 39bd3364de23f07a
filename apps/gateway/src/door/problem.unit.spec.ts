import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_TEXTS, problemOfRejection, textOf } from '@pstream/api';

const apps = join(import.meta.dirname, '../../..');
const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.includes('node_modules') && !name.includes('dist'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

/** Every code that a service refuses a command with. */
const rejected = (): Set<string> => {
  const codes = new Set<string>();
  const all = ['licensing', 'people', 'projects', 'pst-builder'].flatMap((app) => sources(join(apps, app, 'src')));
  for (const text of [...all, readFileSync(join(apps, '../libs/contracts/src/part-name.ts'), 'utf8')]) {
    for (const [, code = ''] of text.matchAll(/(?:reject|refuse)\('([a-z-]+\.[a-z-]+)'/g)) codes.add(code);
    for (const [, code = ''] of text.matchAll(/(?:refusal|err)\(\{ code: '([a-z-]+\.[a-z-]+)'/g)) codes.add(code);
    for (const [, code = ''] of text.matchAll(/'((?:customer|endpoint|project)\.name-taken)'/g)) codes.add(code);
    for (const [, code = ''] of text.matchAll(/code: '(part-name\.[a-z-]+)'/g)) codes.add(code);
    for (const [, code = ''] of text.matchAll(/(line-item\.[a-z-]+)/g)) codes.add(code);
  }
  if (all.some((text) => text.includes('endpoint.not-a-${role}'))) codes.add('endpoint.not-a-source').add('endpoint.not-a-destination');
  return codes;
};

/** Every code that this door uses itself. */
const own = (): Set<string> =>
  new Set(
    sources(join(apps, 'gateway/src')).flatMap((text) =>
      [...text.matchAll(/(?:problem|problemOf)\('([a-z-]+\.[a-z-]+)'/g)].map(([, code = '']) => code),
    ),
  );

const isWorded = (code: string): boolean => code in PROBLEM_TEXTS;

describe('the words of problems', () => {
  it('exist for every code of the domain', () => {
    const codes = rejected();
    expect(codes.size).toBeGreaterThan(35);
    expect([...codes].filter((code) => !isWorded(code))).toEqual([]);
  });

  it('exist for every code of the door', () => {
    const codes = own();
    expect(codes.size).toBeGreaterThan(15);
    expect([...codes].filter((code) => !isWorded(code))).toEqual([]);
  });

  it.each(Object.keys(PROBLEM_TEXTS))('of %s are sentences', (code) => {
    const { title, detail } = textOf(code, {
      wanted: 5,
      free: 2,
      minimum: 100,
      expiredAt: '2026-01-01T00:00:00.000Z',
      failed: 3,
      rows: 4,
      faults: 6,
      most: 100_000,
    });
    expect(title).toMatch(/^[A-Z0-9]/i);
    expect(detail).toMatch(/^["A-Z0-9].*\.$/);
    expect(detail).not.toMatch(/undefined|NaN|\bsome (?:faults|rows|licences|items)/);
  });

  it.each(Object.keys(PROBLEM_TEXTS))('of %s count one thing as one', (code) => {
    const one = { projects: 1, endpoints: 1, mailboxes: 1, wanted: 1, free: 1, rows: 1, faults: 1 };
    expect(textOf(code, one).detail).not.toMatch(/(?<![\d,])1 (?:projects|endpoints|mailboxes|licences|rows|faults)/);
  });
});

describe('the status of a rejection', () => {
  it.each([
    ['command.malformed', 400],
    ['project.unknown', 404],
    ['licence.not-applied', 409],
    ['mailbox-job.pass-open', 409],
  ])('%s is %i', (code, status) => {
    expect(problemOfRejection({ code, facts: {} })).toMatchObject({ status, code, type: `urn:pstream:problem:${code}` });
  });

  it('lists the fields of a malformed command', () => {
    expect(
      problemOfRejection({ code: 'command.malformed', facts: { fields: ['items.0.source: must be an SMTP address: like this'] } }).errors,
    ).toEqual([{ column: 'items.0.source', code: 'field.invalid', message: 'must be an SMTP address: like this' }]);
  });
});
