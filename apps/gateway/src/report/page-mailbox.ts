import type { MailboxInReport } from '@pstream/api';
import { amountOf } from '@pstream/kernel';
import { markup, table, type Markup } from './markup.js';
import { causeText, count, duration, folderNote, foundText, outcomeText, PASSES, size, time } from './words.js';

/** The section of a mailbox: what became of it, its PSTs, its folders. */
export const mailboxSection = (mailbox: MailboxInReport): Markup => {
  const { mailboxJobId: id, source } = mailbox;
  return markup`<section class="mailbox" id="m-${id}" aria-labelledby="h-${id}"><h3 id="h-${id}">${source}</h3>
${lines(mailbox).map((line) => markup`<p>${line}</p>\n`)}${parts(mailbox)}${folders(mailbox)}</section>
`;
};

const lines = (mailbox: MailboxInReport): (Markup | string)[] => {
  const { status, done, pass, held, cause, causes, leftOut, superseded, waits, found } = mailbox;
  const waited = Object.entries(waits).map(([limit, { times, ms }]) => `${duration(ms)} in ${count(times)} waits for ${limit}`);
  const items = causes.map((one) => `${outcomeText(one)}: ${count(one.items)} ${one.code}`);
  const ran = pass === null ? '' : `${PASSES[pass.kind]}, number ${pass.number}, ${time(pass.startedAt)} to ${time(pass.endedAt) || 'now'}`;
  return [
    markup`<strong>${status}</strong>${done ? markup` <span class="good">✓ done</span>` : ''}${ran === '' ? '' : `. Last pass: ${ran}.`}`,
    ...(found === null ? [] : [foundText(found)]),
    ...(cause === null ? [] : [markup`<span class="bad">Failed:</span> ${causeText(cause)}`]),
    ...(held === null ? [] : [`Waits since ${time(held.since)}: ${causeText(held)}`]),
    ...(leftOut === 0 ? [] : [`The last pass left out ${amountOf(leftOut, 'item')}.`]),
    ...(superseded === 0
      ? []
      : [
          `Older copies of ${amountOf(superseded, 'item')} are in the PSTs too: an update exported newer ones. Each counts once; mailbox superseded lists them.`,
        ]),
    ...(waited.length === 0 ? [] : [`Waited ${waited.join('; ')}.`]),
    ...(items.length === 0 ? [] : [items.join('; ')]),
  ];
};

const STATES: Readonly<Record<MailboxInReport['parts'][number]['state'], string>> = {
  open: 'being written',
  sealing: 'being sealed',
  sealed: 'sealed, not read back yet',
  verified: 'verified',
  abandoned: 'given up',
  removed: 'deleted',
};

const parts = (mailbox: MailboxInReport): Markup =>
  mailbox.parts.length === 0
    ? markup`<p class="soft">No PST yet.</p>
`
    : table(
        'PSTs',
        [
          { title: 'PST', of: ({ name }) => name },
          { title: 'Pass', of: ({ pass }) => (pass === null ? '' : `${pass.number}, ${PASSES[pass.kind]}`) },
          { title: 'Items', of: ({ items }) => count(items), number: true },
          { title: 'Size', of: ({ bytes }) => size(bytes), number: true },
          {
            title: 'State',
            of: ({ state, verifiedAt, overLimit, replaced }) =>
              `${STATES[state]} ${time(verifiedAt)}${overLimit ? '; larger than a part, because of a single item' : ''}${replaced ? '; exported again since, counts no more' : ''}`,
          },
          { title: 'SHA-256', of: ({ sha256 }) => (sha256 === null ? '' : markup`<code>${sha256}</code>`) },
        ],
        mailbox.parts,
      );

const folders = (mailbox: MailboxInReport): Markup =>
  mailbox.folders.length === 0
    ? markup`<p class="soft">No folder has been listed yet.</p>
`
    : table(
        'Folders',
        [
          { title: 'Folder', of: ({ path }) => path },
          { title: 'Discovered', of: ({ totals }) => count(totals.discovered), number: true },
          { title: 'Exported', of: ({ totals }) => count(totals.exported), number: true },
          { title: 'Skipped', of: ({ totals }) => count(totals.skipped), number: true },
          { title: 'Failed', of: ({ totals }) => count(totals.failed), number: true },
          {
            title: 'Unaccounted',
            of: ({ unaccounted }) => (unaccounted === 0 ? '0' : markup`<span class="bad">${count(unaccounted)}</span>`),
            number: true,
          },
          { title: 'As MIME', of: ({ mime }) => count(mime), number: true },
          { title: 'Note', of: folderNote },
        ],
        mailbox.folders,
      );
