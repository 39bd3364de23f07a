import { instantOf, localOf } from './local-time.js';

it('takes a time of the zone of the browser, and none that is not one', () => {
  expect(instantOf('2026-12-01T20:00')).toBe(new Date(2026, 11, 1, 20, 0).toISOString());
  expect(instantOf('')).toBeUndefined();
  expect(instantOf('2026-02-31T20:00')).toBeUndefined();
});

it('shows a moment in the zone of the browser', () => {
  expect(localOf(new Date(2026, 11, 1, 20, 5, 9).toISOString())).toBe('2026-12-01T20:05');
});
