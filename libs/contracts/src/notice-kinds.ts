/** What a notice can be about. */
export const noticeKinds = [
  'pass.started',
  'pass.completed',
  'pass.completed-with-errors',
  'pass.failed',
  'pass.held',
  'pass.silent',
  'licence.released',
  'licence.ending',
  'secret.ending',
  'test',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** What can be subscribed to; a test is sent by hand. */
export const subscribableKinds = noticeKinds.filter((kind) => kind !== 'test');

/** What is worth a notice to most: not that something began. */
export const usualKinds = subscribableKinds.filter((kind) => kind !== 'pass.started');
