import { Fault } from '@pstream/kernel';
import { isForFallback } from './fallback.js';

const lasting = (code: string): Fault => new Fault(code, { retry: 'never' });
const passing = (code: string): Fault => new Fault(code, { retry: { afterMs: 1000 } });

describe('an item without a usable stream', () => {
  it.each(['fasttransfer.unknown-marker', 'graph.item-corrupt', 'graph.item-failed', 'graph.item-unanswered'])(
    'is read as MIME for %s',
    (code) => {
      expect([isForFallback(lasting(code), 'full'), isForFallback(lasting(code), 'retry-errors')]).toEqual([true, true]);
    },
  );
  it.each(['fasttransfer.truncated', 'graph.server-error', 'graph.timed-out', 'graph.too-much-at-once'])(
    'is left to Retry Errors for %s, which may pass',
    (code) => {
      expect([isForFallback(passing(code), 'full'), isForFallback(passing(code), 'retry-errors')]).toEqual([false, true]);
    },
  );
  it.each([
    'graph.item-gone',
    'graph.mailbox-busy',
    'graph.item-moved',
    'graph.item-id-invalid',
    'graph.redirect-loop',
    'graph.foreign-url',
    'graph.mailbox-forbidden',
  ])('is not read as MIME for %s, which says nothing about its stream', (code) =>
    expect([isForFallback(lasting(code), 'full'), isForFallback(lasting(code), 'retry-errors')]).toEqual([false, false]),
  );
});
