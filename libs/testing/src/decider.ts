import type { Decision, Facts } from '@pstream/kernel';
import { jestGlobal } from './jest-globals.js';

/** The three pure parts of an aggregate. */
export type DeciderParts<Command, Event, State> = {
  readonly decide: (command: Command, state: State) => Decision<Event>;
  readonly evolve: (state: State, event: Event) => State;
  readonly initial: State;
};

/** An expected refusal; without `facts` only the code is compared. */
export type ExpectedRejection = { readonly code: string; readonly facts?: Facts };

/** Expects a refusal with this code: `.then(rejected('seat.taken'))`. */
export const rejected = (code: string, facts?: Facts): ExpectedRejection => (facts === undefined ? { code } : { code, facts });

/** Given a history, when a command arrives, then exactly these events (none: accepted, nothing to do) or this refusal. */
export type DeciderSpec<Command, Event, State> = {
  given(...history: readonly Event[]): {
    /** The state that the history leads to. */
    readonly state: State;
    when(command: Command): {
      then(...expected: readonly Event[] | readonly [ExpectedRejection]): void;
      /** For a look at parts of the outcome. */
      readonly decision: Decision<Event>;
    };
  };
};

const isRejection = (expected: unknown): expected is ExpectedRejection =>
  typeof expected === 'object' && expected !== null && 'code' in expected && !('type' in expected);

/** Given/when/then for any aggregate. `given` a history and `when` a command give what `decide` says; the events it
 *  accepts are also put through `evolve`, which must not throw. */
export const decider = <Command, Event extends { readonly type: string }, State>(
  parts: DeciderParts<Command, Event, State>,
): DeciderSpec<Command, Event, State> => ({
  given: (...history) => {
    const state = history.reduce(parts.evolve, parts.initial);
    return {
      state,
      when: (command) => {
        const decision = parts.decide(command, state);
        if (decision.accepted) decision.events.reduce(parts.evolve, state);
        return {
          decision,
          // oxlint-disable-next-line unicorn/no-thenable -- given/when/then is the vocabulary; nobody awaits a spec
          then: (...expected) => {
            const expect = jestGlobal('expect');
            const [first] = expected;
            if (!isRejection(first)) expect(decision).toEqual({ accepted: true, events: expected });
            else if (first.facts === undefined) expect(decision).toMatchObject({ accepted: false, rejection: { code: first.code } });
            else expect(decision).toEqual({ accepted: false, rejection: { code: first.code, facts: first.facts } });
          },
        };
      },
    };
  },
});
