import type { EstimateRange, ReportHead } from '@pstream/api';
import { markup, table, type Markup } from './markup.js';
import { count, duration, size } from './words.js';

const UNKNOWN = 'not known';

/** What exporting all of it will write and cost, beside what was written so far. */
export const estimateSection = (estimate: ReportHead['estimate']): Markup => {
  const { sizes, ratio, written, licences, currency, months, prices, complete, notes, duration: lasts } = estimate;
  const amount = (value: number): string => `${value.toFixed(2)} ${currency}`;
  const rows: readonly (readonly [string, string, string])[] = [
    ['Mailboxes with a known size', `${count(sizes.known)} of ${count(sizes.known + sizes.unknown)}`, ''],
    ['Size of these mailboxes', estimate.mailboxBytes === null ? UNKNOWN : size(estimate.mailboxBytes), ''],
    [
      'PST bytes for each mailbox byte',
      `${ratio.expected.toFixed(2)} (${ratio.from === 'measured' ? 'measured by passes of this project' : 'assumed: a Trial measures it'})`,
      '',
    ],
    ['Size of the PSTs', ranged(estimate.pstBytes, size), size(written.pstBytes)],
    ['PSTs', ranged(estimate.parts, whole), count(written.parts)],
    ['Writes to the storage account', ranged(estimate.operations.writes, whole), ''],
    ['Reads from it', ranged(estimate.operations.reads, whole), ''],
    ['Longest, one mailbox after the other', lasts.longestSeconds === null ? UNKNOWN : duration(lasts.longestSeconds * 1_000), ''],
    ['Users without a valid licence', count(licences.needed), ''],
    ...(estimate.region === null
      ? []
      : ([
          ['Paid once', ranged(estimate.once, amount), ''],
          ['Paid each month', ranged(estimate.monthly, amount), ''],
          [`In all, for ${count(months)} months`, ranged(estimate.total, amount), ''],
        ] as const)),
  ];
  const basis = [
    'Worked out from what passes have counted; no usage report is read for it: pstream estimate reads that too.',
    ...(complete ? [] : ['Sums lack the mailboxes whose size is not known.']),
    ...(estimate.region === null ? [] : [`Prices: ${prices.from}.`]),
    ...notes,
  ].join(' ');
  return markup`<h2>Estimate, and what was written</h2>
${table(
  'What exporting all of it will write and cost',
  [
    { title: 'What', of: ([name]) => name },
    { title: 'Estimated', of: ([, estimated]) => estimated, number: true },
    { title: 'Written so far', of: ([, , so]) => so, number: true },
  ],
  rows,
)}<p class="soft">${basis}</p>
`;
};

const whole = (value: number): string => count(Math.round(value));

/** A range for people: its middle, and what it lies between. */
const ranged = (range: EstimateRange | null, shown: (value: number) => string): string => {
  if (range === null) return UNKNOWN;
  const [low, expected, high] = [shown(range.low), shown(range.expected), shown(range.high)];
  return low === high ? expected : `${expected} (${low} to ${high})`;
};
