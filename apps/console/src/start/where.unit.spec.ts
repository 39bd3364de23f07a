import { row } from '../project/row.fixture.js';
import { chosenOf, isLicensed, statesOf, type Facts } from './where.js';

const NOTHING: Facts = {
  customer: undefined,
  endpoints: [],
  project: undefined,
  row: undefined,
  parts: [],
  enforced: true,
  licensed: false,
};
const customer = { customerId: 'C' } as Facts['customer'];
const project = { projectId: 'P' } as Facts['project'];
const endpoint = (kind: string) => ({ endpointId: kind, kind }) as Facts['endpoints'][number];
const both = [endpoint('microsoft-365'), endpoint('folder')];
const check = (verdict: 'pass' | 'warn' | 'fail') => ({ step: 1, name: 'token', verdict, code: null, advice: null });
const pass = (kind: string) => ({ kind }) as ReturnType<typeof row>['pass'];
const part = (state: string) => ({ state }) as Facts['parts'][number];
/** The step that is next, and those that are done. */
const of = (facts: Partial<Facts>): string => {
  const states = statesOf({ ...NOTHING, ...facts });
  const named = (wanted: string): string => states.flatMap(([step, state]) => (state === wanted ? [step] : [])).join(' ');
  return `${named('done')} > ${named('now')}`.trim();
};

describe('a first migration', () => {
  it.each<[string, Partial<Facts>, string]>([
    ['nothing yet', {}, '> customer'],
    ['a customer', { customer }, 'customer > source'],
    ['a destination alone', { customer, endpoints: [endpoint('folder')] }, 'customer destination > source'],
    ['both ends', { customer, endpoints: both }, 'customer source destination > project'],
    ['a project', { customer, endpoints: both, project }, 'customer source destination project > mailbox'],
    [
      'a mailbox that failed a check',
      { customer, endpoints: both, project, row: row({ checks: [check('pass'), check('fail')] }) },
      'customer source destination project mailbox > verify',
    ],
    [
      'a mailbox that passed, with a warning',
      { customer, endpoints: both, project, row: row({ checks: [check('warn')], status: 'Verified', pass: pass('verify') }) },
      'customer source destination project mailbox verify > export',
    ],
    [
      'a finished Trial that is not verified yet',
      {
        customer,
        endpoints: both,
        project,
        row: row({ checks: [check('pass')], status: 'Completed', pass: pass('trial') }),
        parts: [part('sealed')],
      },
      'customer source destination project mailbox verify export > pst',
    ],
    [
      'a verified PST, without a Verify before it',
      {
        customer,
        endpoints: both,
        project,
        row: row({
          status: 'Completed with errors',
          pass: pass('full'),
          totals: { discovered: 3, exported: 2, skipped: 0, failed: 1 },
        }),
        parts: [part('abandoned'), part('verified')],
        licensed: true,
      },
      'customer source destination project mailbox verify licence export pst >',
    ],
  ])('with %s', (_title, facts, expected) => {
    expect(of(facts)).toBe(expected);
  });

  it('asks for no licence where none is needed, and never has to wait for one', () => {
    expect(statesOf({ ...NOTHING, enforced: false }).map(([step]) => step)).not.toContain('licence');
    const licenceOf = (facts: Partial<Facts>) => statesOf({ ...NOTHING, ...facts }).find(([step]) => step === 'licence');
    expect(licenceOf({})).toEqual(['licence', 'later']);
    expect(licenceOf({ customer, endpoints: both, project, row: row({}) })).toEqual(['licence', 'optional']);
  });

  it('takes a bundle for one only until it ends', () => {
    const bundle = { user: 'Ann@contoso.com', expiresAt: '2027-01-01T00:00:00Z' };
    expect(isLicensed(bundle, 'ann@contoso.com', Date.parse('2026-12-31T23:59:59Z'))).toBe(true);
    expect(isLicensed(bundle, 'ann@contoso.com', Date.parse('2027-01-01T00:00:00Z'))).toBe(false);
    expect(isLicensed(bundle, 'bob@contoso.com', 0)).toBe(false);
  });

  it('goes on with what the address names, or with the only one there is', () => {
    const id = (item: string): string => item;
    expect(chosenOf(['a', 'b'], id, 'b')).toBe('b');
    expect(chosenOf(['a', 'b'], id, undefined)).toBeUndefined();
    expect(chosenOf(['a', 'b'], id, 'gone')).toBeUndefined();
    expect(chosenOf(['a'], id, 'gone')).toBe('a');
    expect(chosenOf([], id, 'gone')).toBeUndefined();
  });
});
