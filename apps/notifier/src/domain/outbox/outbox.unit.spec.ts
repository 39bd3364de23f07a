import type { NoticeEntry, OutboxEvent } from '@pstream/contracts';
import { decider } from '@pstream/testing';
import { noTemplates } from '../templates/decide.js';
import { ATTEMPT_ENDS_MS, decide, dueMs, isDue, TRIED_FOR_MS, type OutboxCommand, type Outcome } from './decide.js';
import { emptyOutbox, evolve, MOST_ENTRIES, type Outbox } from './state.js';

const START = Date.parse('2026-03-31T10:00:00.000Z');
const MINUTE = 60_000;
const time = (ms: number): string => new Date(START + ms).toISOString();
const ids = { workgroupId: 'w', subscriptionId: 's' };
const spec = decider<OutboxCommand, OutboxEvent, Outbox>({ decide, evolve, initial: emptyOutbox() });

const entry = (ms: number, kind: NoticeEntry['kind'] = 'pass.completed'): NoticeEntry => ({
  kind,
  at: time(ms),
  projectId: 'p',
  customerId: 'c',
});
const collected = (ms: number, kind?: NoticeEntry['kind']): OutboxEvent => ({
  type: 'NoticeCollected',
  data: { ...ids, about: 'p', entry: entry(ms, kind), at: time(ms) },
});
const prepared = (ms: number, noticeId = 'n'): OutboxEvent => ({
  type: 'NoticePrepared',
  data: { ...ids, noticeId, about: 'p', channel: 'mail', counts: { 'pass.completed': 1 }, project: null, at: time(ms) },
});
const of = (noticeId: string, ms: number) => ({ ...ids, noticeId, at: time(ms) });
const attempted = (ms: number, attempt = 1, noticeId = 'n'): OutboxEvent => ({
  type: 'NoticeAttempted',
  data: { ...of(noticeId, ms), attempt },
});
const sent = (ms: number, noticeId = 'n'): OutboxEvent => ({ type: 'NoticeSent', data: { ...of(noticeId, ms), attempt: 1 } });
const advance = (ms: number, more: Partial<Extract<OutboxCommand, { type: 'Advance' }>> = {}): OutboxCommand => ({
  type: 'Advance',
  ...ids,
  about: 'p',
  at: time(ms),
  noticeId: 'n',
  channel: 'mail',
  project: null,
  templates: noTemplates(),
  hurries: false,
  ...more,
});
const settle = (ms: number, outcome: Outcome, attempt = 1): OutboxCommand => ({
  type: 'Settle',
  ...ids,
  about: 'p',
  at: time(ms),
  noticeId: 'n',
  attempt,
  outcome,
});
const failed: Outcome = { is: 'failed', code: 'notice.no-answer', final: false };

describe('a notice', () => {
  it('waits a minute for more of the same, and then goes out with all of it', () => {
    const two = [collected(0), collected(30_000, 'pass.failed')];
    spec
      .given(...two)
      .when(advance(MINUTE - 1))
      .then();
    const { decision } = spec.given(...two).when(advance(MINUTE));
    expect(decision).toMatchObject({
      events: [{ type: 'NoticePrepared', data: { counts: { 'pass.completed': 1, 'pass.failed': 1 } } }, attempted(MINUTE)],
    });
  });

  it('waits twice as long when it follows soon after another, up to an hour', () => {
    let history: OutboxEvent[] = [];
    let ms = 0;
    const waits: number[] = [];
    for (let round = 0; round < 9; round++) {
      history = [...history, collected(ms)];
      const due = dueMs(spec.given(...history).state)! - START;
      waits.push((due - ms) / MINUTE);
      history = [...history, prepared(due, `n${round}`), attempted(due, 1, `n${round}`), sent(due, `n${round}`)];
      ms = due + 1;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('waits a minute again after an hour of silence', () => {
    const history = [collected(0), prepared(MINUTE), sent(MINUTE), collected(2 * MINUTE), prepared(4 * MINUTE, 'm'), sent(4 * MINUTE, 'm')];
    expect(dueMs(spec.given(...history, collected(64 * MINUTE)).state)).toBe(START + 65 * MINUTE);
    expect(dueMs(spec.given(...history, collected(64 * MINUTE - 1)).state)).toBe(START + 68 * MINUTE - 1);
  });

  it('has the words that its kinds have when it is made, of the others none, and keeps them', () => {
    const own = { subject: 'Look', body: null };
    const templates = new Map([
      ['pass.completed', own],
      ['pass.failed', own],
    ] as const);
    const made = spec.given(collected(0)).when(advance(MINUTE, { templates }));
    expect(made.decision).toMatchObject({ events: [{ type: 'NoticePrepared', data: { templates: { 'pass.completed': own } } }, {}] });
    const [first, second] = made.decision.accepted ? made.decision.events : [];
    expect(spec.given(collected(0), first!, second!).state.outgoing?.templates).toEqual({ 'pass.completed': own });
  });

  it('waits for nothing when it is a test', () => {
    const { decision } = spec.given(collected(0, 'test')).when(advance(0, { hurries: true }));
    expect(decision).toMatchObject({ events: [{ type: 'NoticePrepared' }, { type: 'NoticeAttempted' }] });
  });

  it('lists so many entries and goes out at once with them; the others are counted', () => {
    const history = Array.from({ length: MOST_ENTRIES }, () => collected(0));
    expect(dueMs(spec.given(...history).state)).toBe(START);
    const full = [prepared(0), ...Array.from({ length: MOST_ENTRIES + 7 }, () => collected(0))];
    const { state } = spec.given(...full);
    expect([state.collected?.entries.length, state.collected?.counts]).toEqual([MOST_ENTRIES, { 'pass.completed': MOST_ENTRIES + 7 }]);
  });

  it('is one at a time: what happens while it is on its way goes out after it', () => {
    const { state } = spec.given(collected(0), prepared(MINUTE), attempted(MINUTE), collected(2 * MINUTE));
    expect(state.outgoing?.entries.length).toBe(1);
    spec
      .given(collected(0), prepared(MINUTE), attempted(MINUTE), collected(2 * MINUTE))
      .when(advance(MINUTE + ATTEMPT_ENDS_MS - 1))
      .then();
  });
});

describe('an attempt', () => {
  const under = [collected(0), prepared(MINUTE), attempted(MINUTE)];

  it('is made by nobody else meanwhile, and is made again where it did not end', () => {
    spec
      .given(...under)
      .when(advance(MINUTE + ATTEMPT_ENDS_MS - 1))
      .then();
    spec
      .given(...under)
      .when(advance(MINUTE + ATTEMPT_ENDS_MS))
      .then(attempted(MINUTE + ATTEMPT_ENDS_MS, 2));
  });

  it('that went out ends the notice, also when its answer comes late', () => {
    spec
      .given(...under)
      .when(settle(2 * MINUTE, { is: 'sent', refused: 0 }))
      .then(sent(2 * MINUTE));
    spec
      .given(...under, attempted(5 * MINUTE, 2))
      .when(settle(6 * MINUTE, { is: 'sent', refused: 2 }))
      .then({ type: 'NoticeSent', data: { ...of('n', 6 * MINUTE), attempt: 1, refused: 2 } });
    spec
      .given(...under, sent(2 * MINUTE))
      .when(settle(3 * MINUTE, { is: 'sent', refused: 0 }))
      .then();
  });

  it('that failed is followed by another with growing waits; a late answer of an earlier one says nothing', () => {
    spec
      .given(...under)
      .when(settle(MINUTE, failed))
      .then({
        type: 'NoticeDelayed',
        data: { ...of('n', MINUTE), attempt: 1, code: 'notice.no-answer', retryAt: time(MINUTE + 30_000) },
      });
    const delayed = (attempt: number): OutboxEvent => ({
      type: 'NoticeDelayed',
      data: { ...of('n', MINUTE), attempt, code: 'notice.no-answer', retryAt: time(MINUTE) },
    });
    const later = [...under, delayed(1), attempted(MINUTE, 2), delayed(2), attempted(MINUTE, 3)];
    const { decision } = spec.given(...later).when(settle(MINUTE, failed, 3));
    expect(decision).toMatchObject({ events: [{ data: { retryAt: time(MINUTE + 120_000) } }] });
    spec
      .given(...later)
      .when(settle(MINUTE, failed, 1))
      .then();
  });

  it('is the last where another would end in the same way, after a day, and for a subscription that is gone', () => {
    spec
      .given(...under)
      .when(settle(2 * MINUTE, { is: 'failed', code: 'notice.refused', advice: 'Look.', final: true }))
      .then({ type: 'NoticeGivenUp', data: { ...of('n', 2 * MINUTE), attempts: 1, code: 'notice.refused', advice: 'Look.' } });
    const late = MINUTE + TRIED_FOR_MS;
    spec
      .given(...under)
      .when(settle(late, failed))
      .then({ type: 'NoticeGivenUp', data: { ...of('n', late), attempts: 1, code: 'notice.no-answer' } });
    spec
      .given(...under)
      .when(advance(late))
      .then({ type: 'NoticeGivenUp', data: { ...of('n', late), attempts: 1, code: 'notice.no-answer' } });
    // Whoever was away all day tries once more; that ends as it ends.
    const delayed: OutboxEvent = {
      type: 'NoticeDelayed',
      data: { ...of('n', MINUTE), attempt: 1, code: 'notice.no-answer', retryAt: time(2 * MINUTE) },
    };
    spec
      .given(...under, delayed)
      .when(advance(3 * late))
      .then(attempted(3 * late, 2));
    spec
      .given(...under, delayed, attempted(3 * late, 2))
      .when(settle(3 * late + 1, failed, 2))
      .then({ type: 'NoticeGivenUp', data: { ...of('n', 3 * late + 1), attempts: 2, code: 'notice.no-answer' } });
    const gone = MINUTE + ATTEMPT_ENDS_MS;
    spec
      .given(...under)
      .when(advance(gone, { channel: null }))
      .then({ type: 'NoticeGivenUp', data: { ...of('n', gone), attempts: 1, code: 'notice.subscription-removed' } });
    spec
      .given(collected(0))
      .when(advance(MINUTE, { channel: null }))
      .then();
  });
});

describe('a clock that is set back', () => {
  const DAY = 24 * 60 * MINUTE;

  it('holds no notice up until it is there again', () => {
    const waiting = spec.given(collected(DAY)).state;
    const delayed: OutboxEvent = { type: 'NoticeDelayed', data: { ...of('n', DAY), attempt: 1, code: 'x', retryAt: time(DAY + MINUTE) } };
    const retrying = spec.given(collected(DAY), prepared(DAY), attempted(DAY), delayed).state;
    const sending = spec.given(collected(DAY), prepared(DAY), attempted(DAY)).state;
    for (const state of [waiting, retrying, sending]) {
      expect(isDue(state, START)).toBe(true);
      expect(isDue(state, START + DAY)).toBe(false);
    }
    spec.given(collected(DAY)).when(advance(0)).then(prepared(0), attempted(0));
  });

  it('by as much as clocks of two processes differ makes no attempt twice', () => {
    const sending = spec.given(collected(0), prepared(MINUTE), attempted(MINUTE)).state;
    expect(isDue(sending, START + MINUTE - 5_000)).toBe(false);
    expect(isDue(sending, START + MINUTE - ATTEMPT_ENDS_MS)).toBe(false);
  });
});
