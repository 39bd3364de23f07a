import type { OperationEvent, OperationOutcome, OperationRow, OperationSelection } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import { decide, type OperationCommand } from './decide.js';
import { evolve, noOperation } from './state.js';

const at = '2026-03-01T00:00:00.000Z';
const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', operationId: 'o' };
const work = { verb: 'stop' } as const;
const operation = decider({ decide, evolve, initial: noOperation });
const request = (selection: OperationSelection): OperationCommand => ({
  type: 'RequestOperation',
  ...refs,
  work,
  selection,
  by: 'token',
  at,
});
const requested: OperationEvent = { type: 'OperationRequested', data: { ...refs, work, selection: { by: 'all' }, by: 'token', at } };
const row = (n: number): OperationRow => ({ mailboxJobId: `m${n}`, source: `user${n}@contoso.com` });
const chosen = (...rows: OperationRow[]): OperationEvent => ({ type: 'OperationRowsChosen', data: { ...refs, rows, at } });
const begun = (total: number): OperationEvent => ({ type: 'OperationBegun', data: { ...refs, total, at } });
const accepted = (n: number): OperationOutcome => ({ ...row(n), outcome: 'accepted', stream: `mailbox-job:m${n}`, version: 1 });
const refused = (n: number): OperationOutcome => ({ ...row(n), outcome: 'rejected', code: 'mailbox-job.not-running', facts: {} });
const done = (from: number, ...rows: OperationOutcome[]): OperationEvent => ({
  type: 'OperationRowsDone',
  data: { ...refs, from, rows, at },
});
const finished = (ok: number, not: number): OperationEvent => ({
  type: 'OperationFinished',
  data: { ...refs, accepted: ok, rejected: not, at },
});
const failed = (code: string): OperationEvent => ({ type: 'OperationFailed', data: { ...refs, code, facts: {}, at } });
const record = (from: number, ...outcomes: OperationOutcome[]): OperationCommand => ({ type: 'RecordRows', from, outcomes, at });
const begin = (...rows: OperationRow[]): OperationCommand => ({ type: 'BeginOperation', rows, at });
const running = [requested, chosen(row(1), row(2), row(3)), begun(3)] as const;

describe('an operation', () => {
  it('is requested once', () => {
    operation
      .given()
      .when(request({ by: 'all' }))
      .then(requested);
    operation
      .given(requested)
      .when(request({ by: 'all' }))
      .then();
  });
  it('keeps a long list in events that stay small', () => {
    const entries = Array.from({ length: 1_001 }, (_, n) => `user${n}@contoso.com`);
    const { decision } = operation.given().when(request({ by: 'list', entries }));
    expect(decision).toMatchObject({
      accepted: true,
      events: [
        { type: 'OperationRequested', data: { selection: { by: 'list', entries: 1_001 } } },
        { type: 'OperationListed', data: { entries: entries.slice(0, 500) } },
        { type: 'OperationListed', data: { entries: entries.slice(500, 1_000) } },
        { type: 'OperationListed', data: { entries: entries.slice(1_000) } },
      ],
    });
    const events = decision.accepted ? decision.events : [];
    expect(operation.given(...events).state).toMatchObject({ is: 'requested', entries });
  });
  it('chooses its rows once', () => {
    operation
      .given(requested)
      .when(begin(row(1), row(2), row(3)))
      .then(...running.slice(1));
    operation
      .given(...running)
      .when(begin(row(4)))
      .then();
  });
  it('fails without a row', () => {
    operation.given(requested).when(begin()).then(failed('selection.empty'));
  });
  it('records what became of its rows, in order and once', () => {
    operation
      .given(...running)
      .when(record(0, accepted(1), refused(2)))
      .then(done(0, accepted(1), refused(2)));
    operation
      .given(...running, done(0, accepted(1), refused(2)))
      .when(record(0, refused(1), refused(2)))
      .then();
    operation
      .given(...running)
      .when(record(2, accepted(3)))
      .then();
  });
  it('is finished with its last row, and its sum holds', () => {
    operation
      .given(...running, done(0, accepted(1), refused(2)))
      .when(record(2, accepted(3)))
      .then(done(2, accepted(3)), finished(2, 1));
  });
  it('may fail at any time before its end, and then does nothing more', () => {
    const fail: OperationCommand = { type: 'FailOperation', code: 'licence.seats-exhausted', facts: {}, at };
    operation.given(requested).when(fail).then(failed('licence.seats-exhausted'));
    operation
      .given(...running)
      .when(fail)
      .then(failed('licence.seats-exhausted'));
    operation
      .given(...running, failed('x'))
      .when(record(0, accepted(1)))
      .then();
    operation
      .given(...running, done(0, accepted(1), accepted(2), accepted(3)), finished(3, 0))
      .when(fail)
      .then();
    operation.given().when(fail).then(rejected('operation.unknown'));
  });
});
