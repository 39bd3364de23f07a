import { Fault } from '@pstream/kernel';
import type { MailboxKind } from './tenant.js';

/** The calls a rule can hang on. */
export const OPERATIONS = [
  'token',
  'applications',
  'users',
  'user',
  'mailboxSettings',
  'usageReport',
  'settings',
  'mailbox',
  'folders',
  'childFolders',
  'folder',
  'foldersDelta',
  'items',
  'item',
  'itemsDelta',
  'exportItems',
  'mailFolders',
  'messages',
  'message',
  'messageValue',
  'contact',
  'contactPhoto',
  'event',
  'task',
  'batch',
] as const;

/** A kind of call. */
export type Operation = (typeof OPERATIONS)[number];

/** How an effect answers a whole call. Seconds and milliseconds are as named; omitting `retryAfterSeconds` leaves the header out. */
export type CallEffect =
  | {
      readonly effect: 'error';
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
      readonly emptyBody?: boolean;
    }
  | { readonly effect: 'throttle'; readonly code?: string; readonly retryAfterSeconds?: number }
  | { readonly effect: 'unavailable'; readonly code?: string; readonly retryAfterSeconds?: number; readonly forSeconds?: number }
  | { readonly effect: 'timeout' }
  | { readonly effect: 'reset' }
  | { readonly effect: 'hang' }
  | { readonly effect: 'delay'; readonly milliseconds: number }
  | { readonly effect: 'slow'; readonly bytesPerSecond: number }
  | { readonly effect: 'truncate'; readonly afterBytes?: number }
  | { readonly effect: 'cut'; readonly afterBytes?: number }
  | { readonly effect: 'aadsts'; readonly number: number }
  | { readonly effect: 'redirect'; readonly to: string; readonly mixedCase?: boolean }
  | { readonly effect: 'move-folder'; readonly to: string }
  | { readonly effect: 'dead-token'; readonly code?: string }
  | { readonly effect: 'empty-page' }
  | { readonly effect: 'repeat'; readonly count?: number }
  | { readonly effect: 'removed'; readonly count?: number }
  | { readonly effect: 'arrive'; readonly count?: number };

/** How an effect treats one item of an export or of a listing. */
export type ItemEffect =
  | { readonly effect: 'item-error'; readonly code: string; readonly message?: string; readonly spelling?: 'error' | 'Error' }
  | { readonly effect: 'item-missing' }
  | { readonly effect: 'item-without-data' }
  | { readonly effect: 'item-truncated-text'; readonly place?: 'text' | 'bytes' }
  | { readonly effect: 'item-cut'; readonly atBytes?: number }
  | { readonly effect: 'item-shortened'; readonly attachments?: number }
  | { readonly effect: 'item-damaged'; readonly atBytes?: number }
  | { readonly effect: 'item-inflated'; readonly factor?: number; readonly bytes?: number }
  | { readonly effect: 'item-moved'; readonly to: string; readonly spelling?: 'error' | 'Error'; readonly mixedCase?: boolean }
  | { readonly effect: 'change' }
  | { readonly effect: 'delete' }
  | { readonly effect: 'move-to-archive' };

/** What a rule does. */
export type FaultEffect = CallEffect | ItemEffect;

/** When a rule applies. Calls (or items, for an item effect) that fit are counted per rule: it fires from the `nth` on (1 by default),
 *  at most `times` times (no limit by default), each `every`-th time (1 by default). So "fails at first, then mended" is `times: n`. */
export type FaultMatch = {
  readonly on: Operation | '*';
  /** A user principal name. */
  readonly mailbox?: string;
  readonly kind?: MailboxKind;
  /** A folder's display name, or its id. */
  readonly folder?: string;
  /** 0-based place of the item: in `folder` if given, else counted through all folders of the mailbox that the API shows, in listing order. */
  readonly itemIndex?: number;
  readonly itemId?: string;
  /** Only messages of this class. */
  readonly itemType?: string;
  /** Only exports of at least so many ids. */
  readonly minItems?: number;
  readonly version?: 'v1.0' | 'beta';
  readonly nth?: number;
  readonly times?: number;
  readonly every?: number;
};

/** One rule of a script. */
export type FaultRule = FaultMatch & FaultEffect;

/** Everything that goes wrong in a run, as data: can be written as JSON or YAML. */
export type FaultScript = { readonly rules: readonly FaultRule[] };

type Kind = 'number' | 'string' | 'boolean';
type Fields = Readonly<Record<string, Kind>>;

// Key → type; a key that ends in `!` is required.
const EFFECTS: Readonly<Record<FaultEffect['effect'], Fields>> = {
  error: { 'status!': 'number', 'code!': 'string', message: 'string', retryAfterSeconds: 'number', emptyBody: 'boolean' },
  throttle: { code: 'string', retryAfterSeconds: 'number' },
  unavailable: { code: 'string', retryAfterSeconds: 'number', forSeconds: 'number' },
  timeout: {},
  reset: {},
  hang: {},
  delay: { 'milliseconds!': 'number' },
  slow: { 'bytesPerSecond!': 'number' },
  truncate: { afterBytes: 'number' },
  cut: { afterBytes: 'number' },
  aadsts: { 'number!': 'number' },
  redirect: { 'to!': 'string', mixedCase: 'boolean' },
  'move-folder': { 'to!': 'string' },
  'dead-token': { code: 'string' },
  'empty-page': {},
  repeat: { count: 'number' },
  removed: { count: 'number' },
  arrive: { count: 'number' },
  'item-error': { 'code!': 'string', message: 'string', spelling: 'string' },
  'item-missing': {},
  'item-without-data': {},
  'item-truncated-text': { place: 'string' },
  'item-cut': { atBytes: 'number' },
  'item-shortened': { attachments: 'number' },
  'item-damaged': { atBytes: 'number' },
  'item-inflated': { factor: 'number', bytes: 'number' },
  'item-moved': { 'to!': 'string', spelling: 'string', mixedCase: 'boolean' },
  change: {},
  delete: {},
  'move-to-archive': {},
};

const MATCH: Fields = {
  'on!': 'string',
  mailbox: 'string',
  kind: 'string',
  folder: 'string',
  itemIndex: 'number',
  itemId: 'string',
  itemType: 'string',
  minItems: 'number',
  version: 'string',
  nth: 'number',
  times: 'number',
  every: 'number',
  'effect!': 'string',
};

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  on: [...OPERATIONS, '*'],
  kind: ['primary', 'archive', 'auxiliary'],
  version: ['v1.0', 'beta'],
  spelling: ['error', 'Error'],
  place: ['text', 'bytes'],
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks data that came from a file. Accepts `{rules: […]}` or the bare list. Fault `fault-script.invalid` (never) says which rule and which key. */
export const parseFaultScript = (data: unknown): FaultScript => {
  const rules: unknown = isRecord(data) ? data['rules'] : data;
  if (!Array.isArray(rules)) throw invalid('a fault script is {"rules": […]} or a list of rules');
  for (const [index, rule] of rules.entries()) checkRule(rule, index);
  return { rules: rules as readonly FaultRule[] };
};

const checkRule = (rule: unknown, index: number): void => {
  if (!isRecord(rule)) throw invalid(`rule ${index} is not an object`);
  const effect = rule['effect'];
  const own = typeof effect === 'string' && effect in EFFECTS ? EFFECTS[effect as FaultEffect['effect']] : undefined;
  if (own === undefined)
    throw invalid(`rule ${index}: effect must be one of ${Object.keys(EFFECTS).join(', ')}; it is ${JSON.stringify(effect)}`);
  const fields = { ...MATCH, ...own };
  for (const [name, kind] of Object.entries(fields)) {
    const key = name.replace('!', '');
    const value = rule[key];
    if (value === undefined && name.endsWith('!')) throw invalid(`rule ${index} (${String(effect)}): ${key} is missing`);
    if (value === undefined) continue;
    if (typeof value !== kind) throw invalid(`rule ${index} (${String(effect)}): ${key} must be a ${kind}`);
    if (typeof value === 'number' && !(value >= 0)) throw invalid(`rule ${index} (${String(effect)}): ${key} must not be negative`);
    const allowed = ALLOWED[key];
    if (allowed !== undefined && typeof value === 'string' && !allowed.includes(value))
      throw invalid(`rule ${index}: ${key} must be one of ${allowed.join(', ')}`);
  }
  const unknown = Object.keys(rule).find((key) => !(key in fields) && !(`${key}!` in fields));
  if (unknown !== undefined) throw invalid(`rule ${index} (${String(effect)}): there is no key ${unknown}`);
};

const invalid = (what: string): Fault =>
  new Fault('fault-script.invalid', {
    message: `fault script: ${what}`,
    retry: 'never',
    advice: 'Correct the script; the README of the tenant simulator lists all effects.',
  });
