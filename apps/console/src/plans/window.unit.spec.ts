import { planCommand, planFieldOf, planOf, planValues } from './window.js';

const NIGHTS = { from: '20:00', to: '06:00', zone: 'Europe/Berlin', days: ['mon', 'fri'] as ('mon' | 'fri')[] };

describe('the plan of a project', () => {
  it('comes out of its form as it went in', () => {
    const plan = { window: NIGHTS, maxMailboxes: 4 };
    expect(planOf(planValues(plan, 'UTC'))).toEqual(plan);
    const none = { window: null, maxMailboxes: null };
    expect(planOf(planValues(none, 'UTC'))).toEqual(none);
  });

  it('has a command that means the same', () => {
    expect(planCommand('P', planValues({ window: NIGHTS, maxMailboxes: 4 }, 'UTC'))).toBe(
      "pstream project plan P --max-mailboxes 4 --window '20:00-06:00[Europe/Berlin]' --days mon,fri",
    );
    expect(planCommand('P', planValues({ window: null, maxMailboxes: null }, 'UTC'))).toBe(
      'pstream project plan P --max-mailboxes none --window none',
    );
    expect(planCommand('P', { ...planValues({ window: null, maxMailboxes: null }, 'UTC'), limited: 'yes' })).toBe(
      "pstream project plan P --max-mailboxes none --window '20:00-06:00[UTC]'",
    );
  });

  it('shows faults of the days at the first of them', () => {
    expect(planFieldOf('window.days')).toBe('mon');
    expect(planFieldOf('window.zone')).toBe('zone');
    expect(planFieldOf('maxMailboxes')).toBe('maxMailboxes');
  });
});
