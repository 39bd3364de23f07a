import { confined, rightsOf } from '@pstream/api';
import { ALL_PLANS, INSTALLATION_CHAIN, TOKENS_VIEW, VIEWS, type Change, type Role } from '@pstream/contracts';
import { reaches, type Within } from './reach.js';

const change = (view: string, id: string, more: Partial<Change> = {}): Change => ({
  view,
  id,
  generation: 'g0',
  live: true,
  revision: 1,
  gone: false,
  ...more,
});
const within = (role: Role, workgroupId: string, customers?: readonly string[]): Within => ({
  principal: { by: `${role} of ${workgroupId}`, workgroupId, rights: rightsOf(role, workgroupId) },
  customers: customers === undefined ? undefined : new Set(customers),
});
/** Somebody who is confined to one customer of the workgroup. */
const confinedTo = (customerId: string, workgroupId: string): Within => ({
  principal: { by: 'T', workgroupId, rights: confined(rightsOf('owner', workgroupId)), customerIds: [customerId] },
  customers: new Set([customerId]),
});
const roles = ['owner', 'admin', 'agent', 'viewer', 'finance'] as const;
const hearing = (one: Change, workgroupId = 'w', customers = ['c']): string =>
  roles.filter((role) => reaches(one, within(role, workgroupId, customers))).join(' ');

describe('whom a change reaches', () => {
  const all = 'owner admin agent viewer finance';
  const managers = 'owner admin';
  it.each([
    ['customers', 'C', { customerId: 'c' }, all],
    ['endpoints', 'E', { customerId: 'c' }, 'owner admin agent viewer'],
    ['projects', 'P', { customerId: 'c', projectId: 'p' }, 'owner admin agent viewer'],
    ['mailboxes', 'M', { customerId: 'c', projectId: 'p' }, 'owner admin agent viewer'],
    ['discoveryRuns', 'R', { customerId: 'c', projectId: 'p' }, 'owner admin agent viewer'],
    ['discoveryFiles', 'p/F', { customerId: 'c', projectId: 'p' }, 'owner admin agent viewer'],
    ['bundles', 'B', { customerId: 'c' }, all],
    ['licences', 'w', { workgroupId: 'w' }, all],
    ['agents', 'A', { workgroupId: 'w' }, all],
    ['workgroups', 'w', { workgroupId: 'w' }, all],
    ['subscriptions', 'S', { workgroupId: 'w' }, managers],
    ['notices', 'N', { workgroupId: 'w' }, managers],
    ['noticeTemplates', 'w', { workgroupId: 'w' }, managers],
    ['audit', 'A', { workgroupId: 'w' }, managers],
    ['plans', 'w', { workgroupId: 'w' }, 'owner admin agent viewer'],
    ['plans', ALL_PLANS, {}, 'owner admin agent viewer'],
    ['coupons', 'SPRING-2026', {}, ''],
  ] as const)('a document of %s: whoever may read it, there and nowhere else', (view, id, whose, expected) => {
    const one = change(VIEWS[view], id, whose);
    expect(hearing(one)).toBe(expected);
    if (id !== ALL_PLANS) expect(hearing(one, 'other', ['d'])).toBe('');
    const isOfCustomer = 'customerId' in whose;
    expect(reaches(one, confinedTo('c', 'w'))).toBe((isOfCustomer && view !== 'bundles') || id === ALL_PLANS);
    expect(reaches(one, confinedTo('d', 'w'))).toBe(id === ALL_PLANS);
  });

  it('what is of the installation: whoever looks after it', () => {
    for (const one of [change(VIEWS.coupons, 'SPRING-2026'), change(VIEWS.audit, 'A', { workgroupId: INSTALLATION_CHAIN })]) {
      expect(hearing(one, 'default')).toBe(managers);
      expect(hearing(one)).toBe('');
      expect(reaches(one, confinedTo('c', 'default'))).toBe(false);
    }
  });

  it('what names nobody: everyone in the only workgroup who may read it, and nobody where there are several', () => {
    const one = change(VIEWS.mailboxes, 'of nobody yet');
    expect(roles.filter((role) => reaches(one, within(role, 'default')))).toEqual(['owner', 'admin', 'agent', 'viewer']);
    expect(hearing(one, 'default')).toBe('');
  });

  it('a project that its owner does not share: whoever sees it', () => {
    const own = { ...within('agent', 'w', ['c']), projects: new Set(['p']) };
    expect(reaches(change(VIEWS.mailboxes, 'M', { customerId: 'c', projectId: 'p' }), own)).toBe(true);
    expect(reaches(change(VIEWS.mailboxes, 'M', { customerId: 'c', projectId: 'q' }), own)).toBe(false);
    expect(reaches(change(VIEWS.endpoints, 'E', { customerId: 'c' }), own)).toBe(true);
  });

  it('a token: its maker, itself, and whoever manages people and may do as much', () => {
    const token = (role: Role, madeBy: string, workgroupId = 'w'): Change =>
      change(TOKENS_VIEW, 'T', { workgroupId, token: { madeBy, agentId: null, role } });
    expect(hearing(token('viewer', 'viewer of w'))).toBe('owner admin viewer');
    expect(hearing(token('owner', 'owner of w'))).toBe('owner');
    expect(hearing(token('viewer', 'viewer of w', 'other'))).toBe('');
    expect(reaches(token('viewer', 'somebody'), confinedTo('c', 'w'))).toBe(true);
    expect(reaches(token('viewer', 'T', 'other'), confinedTo('c', 'w'))).toBe(false);
  });

  it('a view that only another release knows: nobody', () => {
    expect(hearing(change('dreams_v1', 'D', { customerId: 'c' }))).toBe('');
  });
});
