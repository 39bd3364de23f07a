import { accept, reject, type Decision } from '@pstream/kernel';
import { decider, rejected } from './decider.js';

type Event = { readonly type: 'LampSwitchedOn' } | { readonly type: 'LampSwitchedOff' };
type Command = { readonly type: 'SwitchOn' } | { readonly type: 'Break' };

const decide = (command: Command, lit: boolean): Decision<Event> => {
  if (command.type === 'Break') return reject('lamp.unbreakable', { lit });
  return lit ? accept() : accept({ type: 'LampSwitchedOn' });
};
const lamp = decider<Command, Event, boolean>({ decide, evolve: (_, event) => event.type === 'LampSwitchedOn', initial: false });

describe('decider', () => {
  it('compares the events of an accepted command', () => {
    lamp.given().when({ type: 'SwitchOn' }).then({ type: 'LampSwitchedOn' });
    lamp.given({ type: 'LampSwitchedOn' }, { type: 'LampSwitchedOff' }).when({ type: 'SwitchOn' }).then({ type: 'LampSwitchedOn' });
  });

  it('takes no expectation for nothing to do', () => {
    lamp.given({ type: 'LampSwitchedOn' }).when({ type: 'SwitchOn' }).then();
    expect(() => lamp.given().when({ type: 'SwitchOn' }).then()).toThrow();
  });

  it('compares a refusal by code, and by facts where they are given', () => {
    lamp.given().when({ type: 'Break' }).then(rejected('lamp.unbreakable'));
    lamp
      .given()
      .when({ type: 'Break' })
      .then({ code: 'lamp.unbreakable', facts: { lit: false } });
    expect(() =>
      lamp
        .given()
        .when({ type: 'Break' })
        .then(rejected('lamp.unbreakable', { lit: true })),
    ).toThrow();
    expect(() => lamp.given().when({ type: 'SwitchOn' }).then(rejected('lamp.unbreakable'))).toThrow();
    expect(() => lamp.given().when({ type: 'Break' }).then({ type: 'LampSwitchedOn' })).toThrow();
  });

  it('shows the state of a history', () => {
    expect(lamp.given({ type: 'LampSwitchedOn' }).state).toBe(true);
  });
});
