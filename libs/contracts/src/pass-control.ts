import type { PassRefs } from './event-shapes.js';
import type { MailboxJobEvent, PassSettings } from './projects.js';
import type { PassKind } from './words.js';

/** What a worker has to know of the pass it works for: its frozen settings, and whether it is wanted to go on. */
export type PassControl = {
  readonly refs: PassRefs;
  readonly kind: PassKind;
  /** Of this mailbox's passes, from 1. */
  readonly number: number;
  readonly settings: PassSettings;
  readonly startedAt: string;
  readonly attempt: number;
  /** The attempt has a place. A pass that waits for one is not worked on. */
  readonly admitted: boolean;
  readonly state: 'open' | 'stopping' | 'completed' | 'failed';
  /** Earlier passes of the same mailbox, oldest first. */
  readonly earlier: readonly EarlierPass[];
  /** Passes before them that count no more, because the mailbox started over, and what is to happen to their PSTs. */
  readonly replaced: readonly ReplacedPass[];
};

/** A pass that ended before the one in question was started. */
export type EarlierPass = { readonly passId: string; readonly kind: PassKind; readonly settings: PassSettings };

/** A pass whose items are exported again. It may have failed or been stopped. */
export type ReplacedPass = EarlierPass & { readonly parts: 'keep' | 'delete' };

/** Reads a pass out of its mailbox job's events, which alone decide it. Undefined if there is no such pass. */
export const passControl = (events: readonly MailboxJobEvent[], passId: string): PassControl | undefined => {
  let control: PassControl | undefined;
  let earlier: EarlierPass[] = [];
  let started: EarlierPass[] = [];
  let replaced: ReplacedPass[] = [];
  /** A pass that had left nothing anywhere may have been given up for another one. */
  const completed = new Set(events.flatMap((event) => (event.type === 'PassCompleted' ? [event.data.passId] : [])));
  for (const event of events) {
    if (event.type === 'MailboxStartedOver' && control === undefined) {
      const { passIds, parts } = event.data;
      replaced.push(...started.filter((pass) => passIds.includes(pass.passId)).map((pass) => ({ ...pass, parts })));
      earlier = earlier.filter((pass) => !passIds.includes(pass.passId));
    } else if (event.type === 'MailboxStartedOver' && control?.state === 'stopping' && event.data.passIds.includes(passId)) {
      // It will never be resumed.
      control = { ...control, state: 'failed' };
    }
    if (!('passId' in event.data)) continue;
    if (event.data.passId !== passId) {
      if (control !== undefined) continue;
      if (event.type === 'PassResumed') {
        const rename = renaming(event.data);
        [started, earlier, replaced] = [started.map(rename), earlier.map(rename), replaced.map(rename)];
      }
      if (event.type !== 'PassStarted') continue;
      const pass = { passId: event.data.passId, kind: event.data.kind, settings: event.data.settings };
      started.push(pass);
      if (completed.has(pass.passId)) earlier.push(pass);
    } else if (event.type === 'PassStarted') {
      const { number, kind, settings, at, ...refs } = event.data;
      control = { refs, kind, number, settings, startedAt: at, attempt: 1, admitted: false, state: 'open', earlier, replaced };
    } else if (control !== undefined) {
      control = { ...control, ...changeBy(event, control) };
    }
  }
  return control;
};

const changeBy = (event: MailboxJobEvent, { settings }: PassControl): Partial<PassControl> => {
  switch (event.type) {
    case 'PassAdmitted':
    case 'PassBegun':
      // Passes of releases up to 0.3.0 have begun without being admitted.
      return { admitted: true };
    case 'PassStopRequested':
    case 'PassStopped':
      return { state: 'stopping' };
    case 'PassResumed':
      return { state: 'open', attempt: event.data.attempt, admitted: false, settings: named(settings, event.data.destination) };
    case 'PassCompleted':
      return { state: 'completed' };
    case 'PassFailed':
      return { state: 'failed' };
    default:
      return {};
  }
};

type Resumed = Extract<MailboxJobEvent, { type: 'PassResumed' }>['data'];

/** What follows of a pass that goes on under another name. */
const renaming =
  ({ passId, destination }: Resumed) =>
  <P extends EarlierPass>(pass: P): P =>
    pass.passId === passId ? { ...pass, settings: named(pass.settings, destination) } : pass;

const named = (settings: PassSettings, destinationName: string | undefined): PassSettings =>
  destinationName === undefined ? settings : { ...settings, destinationName };
