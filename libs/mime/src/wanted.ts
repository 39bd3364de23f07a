import { ID } from '@pstream/mapi';
import type { Key } from './bag.js';
import type { FallbackKind } from './kinds.js';

/** A property to ask Graph for by its MAPI name. The words are Graph's own names of types. */
export type Wanted = { readonly type: 'String' | 'Integer' | 'Boolean' | 'SystemTime' | 'Binary' | 'Double'; readonly key: Key };

const all = (type: Wanted['type'], ...keys: readonly Key[]): Wanted[] => keys.map((key) => ({ type, key }));
const within = (set: 'appointment' | 'task' | 'address' | 'common' | 'meeting', ...lids: readonly number[]): Key[] =>
  lids.map((lid) => [set, lid]);

/** Of every item: subject, state, follow-up, reminder ([MS-OXCMSG], [MS-OXOFLAG], [MS-OXORMDR]). */
const COMMON: readonly Wanted[] = [
  ...all('String', ID.Subject, ID.SubjectPrefix, ID.InternetMessageId),
  ...all('Integer', ID.Importance, ID.Priority, ID.Sensitivity, ID.MessageFlags, 0x1080, 0x1090, 0x1095),
  ...all('SystemTime', 0x1091),
  ...all('Binary', ID.SearchKey),
  ...all('String', ['common', 0x8530]),
  ...all('Integer', ...within('common', 0x8501)),
  ...all('Boolean', ...within('common', 0x8503, 0x8506)),
  ...all('SystemTime', ...within('common', 0x8502, 0x8516, 0x8517, 0x8560)),
];

const TASK_STATE: readonly Wanted[] = [
  ...all('Integer', ...within('task', 0x8101)),
  ...all('Double', ...within('task', 0x8102)),
  ...all('SystemTime', ...within('task', 0x8104, 0x8105, 0x810f)),
  ...all('Boolean', ...within('task', 0x811c)),
];

const MESSAGE: readonly Wanted[] = [
  ...all('SystemTime', ID.ClientSubmitTime, ID.MessageDeliveryTime, 0x1082),
  ...all('Integer', 0x1081),
  ...all('Binary', ID.ConversationIndex, ID.ConversationId),
  ...TASK_STATE,
];

/** Times, zones and recurrence as Outlook keeps them ([MS-OXOCAL] 2.2.1): copied, never worked out again. */
const CALENDAR: readonly Wanted[] = [
  ...all('Integer', ...within('appointment', 0x8201, 0x8205, 0x8213, 0x8217, 0x8218, 0x8231)),
  ...all('String', ...within('appointment', 0x8208, 0x8232, 0x8234)),
  ...all('SystemTime', ...within('appointment', 0x820d, 0x820e, 0x8228, 0x8235, 0x8236), 0x0060, 0x0061),
  ...all('Boolean', ...within('appointment', 0x8215, 0x8223, 0x8229)),
  ...all('Binary', ...within('appointment', 0x8216, 0x8233, 0x825e, 0x825f, 0x8260), ...within('meeting', 0x0003, 0x0023)),
];

const CONTACT: readonly Wanted[] = [
  ...all(
    'String',
    ID.DisplayName,
    0x3a06,
    0x3a11,
    0x3a1d,
    0x3a1e,
    0x3a1f,
    0x3a21,
    0x3a23,
    0x3a24,
    0x3a25,
    0x3a2a,
    0x3a2e,
    ...within('address', 0x8005, 0x8080, 0x8090, 0x80a0),
  ),
  ...all('Integer', ...within('address', 0x8006, 0x8022)),
  ...all('SystemTime', 0x3a41, 0x3a42),
];

const TASK: readonly Wanted[] = [
  ...TASK_STATE,
  ...all('Integer', ...within('task', 0x8110, 0x8111, 0x8129, 0x812a)),
  ...all('Boolean', ...within('task', 0x8103, 0x8126)),
  ...all('String', ...within('task', 0x811f, 0x8121)),
  ...all('Binary', ...within('task', 0x8116)),
];

/** The properties that matter for an item of this kind and class. */
export const wantedFor = (kind: FallbackKind, itemType: string): readonly Wanted[] => {
  switch (kind) {
    case 'message':
      return /^IPM\.Schedule\./i.test(itemType) ? [...COMMON, ...MESSAGE, ...CALENDAR] : [...COMMON, ...MESSAGE];
    case 'event':
      return [...COMMON, ...CALENDAR];
    case 'contact':
      return [...COMMON, ...CONTACT];
    case 'task':
      return [...COMMON, ...TASK];
  }
};
