import { Draw, mix } from './draw.js';
import type { Language } from './languages.js';
import type { Holds } from './tree.js';

/** How large items are: the mean size of a mail in bytes, and the largest. */
export type SizeProfile = { readonly averageBytes: number; readonly largestBytes: number };

/** Named profiles. `mail` is the usual one: 75 KB on average over all kinds of items. */
export const SIZE_PROFILES = {
  tiny: { averageBytes: 4_000, largestBytes: 20_000 },
  small: { averageBytes: 12_000, largestBytes: 200_000 },
  mail: { averageBytes: 75_000, largestBytes: 3_000_000 },
  large: { averageBytes: 600_000, largestBytes: 40_000_000 },
} as const satisfies Readonly<Record<string, SizeProfile>>;

/** Kinds of generated items. */
export type Kind =
  | 'mail'
  | 'draft'
  | 'meeting-request'
  | 'meeting-answer'
  | 'meeting-cancelled'
  | 'report'
  | 'read-receipt'
  | 'signed'
  | 'encrypted'
  | 'appointment'
  | 'series'
  | 'contact'
  | 'list'
  | 'task'
  | 'note'
  | 'journal'
  | 'post'
  | 'setting';

/** Where an item is in its mailbox. */
export type Coordinates = {
  readonly seed: number;
  readonly mailbox: number;
  /** 0 for the primary, 1 for the archive. */
  readonly store: number;
  readonly folder: number;
  readonly ordinal: number;
  readonly version: number;
};

/** What can be told of an item without making it. */
export type Plan = {
  readonly at: Coordinates;
  readonly kind: Kind;
  readonly language: Language;
  readonly messageClass: string;
  readonly createdMs: number;
  readonly categories: readonly string[];
  readonly bodyBytes: number;
  readonly attachmentBytes: readonly number[];
  readonly size: number;
  /** What the item itself is drawn from. */
  readonly start: number;
};

const CLASSES: Readonly<Record<Kind, string>> = {
  mail: 'IPM.Note',
  draft: 'IPM.Note',
  'meeting-request': 'IPM.Schedule.Meeting.Request',
  'meeting-answer': 'IPM.Schedule.Meeting.Resp.Pos',
  'meeting-cancelled': 'IPM.Schedule.Meeting.Canceled',
  report: 'REPORT.IPM.Note.NDR',
  'read-receipt': 'REPORT.IPM.Note.IPNRN',
  signed: 'IPM.Note.SMIME.MultipartSigned',
  encrypted: 'IPM.Note.SMIME',
  appointment: 'IPM.Appointment',
  series: 'IPM.Appointment',
  contact: 'IPM.Contact',
  list: 'IPM.DistList',
  task: 'IPM.Task',
  note: 'IPM.StickyNote',
  journal: 'IPM.Activity',
  post: 'IPM.Post.RSS',
  setting: 'IPM.Configuration.QuickStep',
};

type Share = readonly [kind: Kind, share: number];

const MIXES: Readonly<Record<Holds, readonly Share[]>> = {
  mail: [
    ['mail', 88],
    ['meeting-request', 4],
    ['meeting-answer', 2],
    ['meeting-cancelled', 1],
    ['report', 1.5],
    ['read-receipt', 1],
    ['signed', 1.5],
    ['encrypted', 1],
  ],
  sent: [
    ['mail', 93],
    ['meeting-request', 4],
    ['signed', 3],
  ],
  drafts: [['draft', 1]],
  calendar: [
    ['appointment', 75],
    ['series', 25],
  ],
  contacts: [
    ['contact', 90],
    ['list', 10],
  ],
  tasks: [['task', 1]],
  notes: [['note', 1]],
  journal: [['journal', 1]],
  posts: [['post', 1]],
  settings: [['setting', 1]],
  nothing: [['mail', 1]],
};

const pickKind = (holds: Holds, draw: Draw): Kind => {
  const shares = MIXES[holds];
  let left = draw.unit() * shares.reduce((sum, [, share]) => sum + share, 0);
  for (const [kind, share] of shares) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'mail';
};

const LARGE_KINDS = new Set<Kind>(['mail', 'draft', 'signed', 'encrypted', 'post']);
const SPREAD = 1.15;
// Small kinds (appointments, contacts, …) pull the mean down, the upper limit cuts the tail: mails make up for both.
const MAIL_SHARE_CORRECTION = 1.27;
const FIRST_DAY_MS = Date.UTC(2016, 0, 4, 7);
const SPAN_MS = 9 * 365 * 86_400_000;
const OVERHEAD_BYTES = 3_400;

/** Plans an item: a pure function of where it is. `count` is how many items its folder was made with. */
export const planItem = (at: Coordinates, holds: Holds, language: Language, profile: SizeProfile, count: number): Plan => {
  const draw = new Draw(mix(at.seed, at.mailbox, at.store, at.folder, at.ordinal));
  const kind = pickKind(holds, draw);
  const stepMs = SPAN_MS / Math.max(1, count);
  const createdMs = FIRST_DAY_MS + Math.floor((at.ordinal + draw.unit() * 0.9) * stepMs);
  const { bodyBytes, attachmentBytes } = LARGE_KINDS.has(kind)
    ? mailSizes(kind, profile, draw)
    : { bodyBytes: 400 + draw.below(3000), attachmentBytes: [] };
  return {
    at,
    kind,
    language,
    messageClass: CLASSES[kind],
    createdMs: createdMs - (createdMs % 1000),
    categories: draw.chance(0.12) ? [draw.pick(language.categories)] : [],
    bodyBytes,
    attachmentBytes,
    size: attachmentBytes.reduce((sum, bytes) => sum + bytes, bodyBytes + OVERHEAD_BYTES),
    start: mix(draw.next(), at.version),
  };
};

const mailSizes = (
  kind: Kind,
  profile: SizeProfile,
  draw: Draw,
): { readonly bodyBytes: number; readonly attachmentBytes: readonly number[] } => {
  const mean = profile.averageBytes * MAIL_SHARE_CORRECTION;
  const drawn = mean * Math.exp(SPREAD * draw.normal() - (SPREAD * SPREAD) / 2);
  const total = Math.max(900, Math.min(profile.largestBytes, Math.round(drawn)) - OVERHEAD_BYTES);
  if (kind === 'signed' || kind === 'encrypted') return { bodyBytes: 600, attachmentBytes: [Math.max(400, total - 600)] };
  if (total < 12_000 || draw.chance(0.35))
    return { bodyBytes: Math.min(total, 250_000), attachmentBytes: total > 250_000 ? [total - 250_000] : [] };
  const bodyBytes = 1_500 + draw.below(Math.min(12_000, total >> 1));
  const parts = 1 + draw.below(4);
  const cuts = Array.from({ length: parts }, () => 0.2 + draw.unit());
  const sum = cuts.reduce((a, b) => a + b, 0);
  return { bodyBytes, attachmentBytes: cuts.map((cut) => Math.floor(((total - bodyBytes) * cut) / sum)) };
};
