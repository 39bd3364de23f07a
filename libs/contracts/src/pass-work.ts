import type { WorkUnit } from './extraction.js';
import type { PassControl } from './pass-control.js';

/** Units that make a pass do again whatever of it is not done: those of lost ones, and of lost ends. Harmless where it is at work; none for a
 *  pass that has ended, or that waits for a place. */
export const unfinishedWork = ({
  state,
  refs,
  attempt,
  admitted,
}: Pick<PassControl, 'state' | 'refs' | 'attempt' | 'admitted'>): readonly WorkUnit[] => {
  switch (state) {
    case 'open':
      if (!admitted) return [];
      // `finish` sends the end marker again where nothing else is left to do.
      return [
        { kind: 'continue', ...refs, attempt },
        { kind: 'finish', ...refs },
      ];
    case 'stopping':
      return [{ kind: 'pause', ...refs, attempt }];
    default:
      return [];
  }
};
