import { FakeClock } from '@pstream/testing';
import { parse } from 'yaml';
import { FaultEngine, type CallSubject } from './fault-engine.js';
import { parseFaultScript, type FaultRule } from './fault-script.js';

const call = (more: Partial<CallSubject> = {}): CallSubject => ({
  operation: 'folders',
  version: 'v1.0',
  mailbox: undefined,
  folderId: undefined,
  itemCount: 0,
  resumed: false,
  ...more,
});

const fires = (rule: FaultRule, calls: number): boolean[] => {
  const engine = new FaultEngine({ rules: [rule] }, new FakeClock());
  return Array.from({ length: calls }, () => engine.forCall(call()).length > 0);
};

describe('a fault script', () => {
  it('is read from data that came out of JSON or YAML', () => {
    const yaml = 'rules:\n  - on: exportItems\n    effect: item-error\n    code: ErrorItemCorrupt\n    itemIndex: 4\n    times: 2\n';
    expect(parseFaultScript(parse(yaml)).rules).toHaveLength(1);
    expect(parseFaultScript([{ on: '*', effect: 'timeout' }]).rules).toHaveLength(1);
  });

  it.each([
    ['no list', 7, /is .*"rules"/],
    ['an unknown effect', [{ on: 'folders', effect: 'explode' }], /rule 0: effect must be one of .*it is "explode"/],
    ['an unknown call', [{ on: 'everything', effect: 'timeout' }], /on must be one of/],
    ['a missing key', [{ on: 'folders', effect: 'delay' }], /milliseconds is missing/],
    ['a key of a wrong type', [{ on: 'folders', effect: 'timeout', times: '2' }], /times must be a number/],
    ['a negative number', [{ on: 'folders', effect: 'timeout', times: -1 }], /must not be negative/],
    [
      'a key that no effect has',
      [
        { on: 'folders', effect: 'timeout' },
        { on: 'folders', effect: 'timeout', forever: true },
      ],
      /rule 1 .*no key forever/,
    ],
  ])('with %s is refused, naming rule and key', (_what, data, message) => {
    expect(() => parseFaultScript(data)).toThrow(message);
  });

  it('counts per rule: from the nth on, each every-th time, at most so many times', () => {
    expect(fires({ on: 'folders', effect: 'timeout' }, 3)).toEqual([true, true, true]);
    expect(fires({ on: 'folders', effect: 'timeout', nth: 2, times: 1 }, 4)).toEqual([false, true, false, false]);
    expect(fires({ on: 'folders', effect: 'timeout', nth: 2, every: 2 }, 5)).toEqual([false, true, false, true, false]);
    expect(fires({ on: 'items', effect: 'timeout' }, 2)).toEqual([false, false]);
  });

  it('lets an outage last by the clock, not by calls', async () => {
    const clock = new FakeClock();
    const engine = new FaultEngine({ rules: [{ on: '*', effect: 'unavailable', forSeconds: 60, times: 2 }] }, clock);
    const down = (): boolean => engine.forCall(call()).length > 0;
    expect([down(), down(), down()]).toEqual([true, true, true]);
    await clock.advance(60_000);
    expect(down()).toBe(true);
    await clock.advance(60_000);
    expect(down()).toBe(false);
  });

  it('kills a token only where one is used', () => {
    const engine = new FaultEngine({ rules: [{ on: 'itemsDelta', effect: 'dead-token', times: 1 }] }, new FakeClock());
    expect(engine.forCall(call({ operation: 'itemsDelta' }))).toEqual([]);
    expect(engine.forCall(call({ operation: 'itemsDelta', resumed: true }))).toHaveLength(1);
  });
});
