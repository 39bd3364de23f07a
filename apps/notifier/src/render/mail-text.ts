import type { Notice } from '../channels/notice.js';
import { SAMPLE_LINE, shownBy } from './samples.js';
import { aboutLine, entryLines, footer, headline, listed, moreLine, MOST_LINES } from './words.js';

/** What a mail says, in plain text and in HTML. */
export type MailText = { readonly subject: string; readonly text: string; readonly html: string };

const LONGEST_SUBJECT = 180;

/** A mail about a notice. A test that shows how one looks says that it is one. */
export const mailText = (given: Notice): MailText => {
  const sample = shownBy(given);
  const notice = sample ?? given;
  const { shown, more } = listed(notice, MOST_LINES);
  const rows = shown.map((entry) => entryLines(entry, notice));
  const about = aboutLine(notice);
  const { text: line, isOwn } = headline(notice);
  const subject = `${sample === undefined ? '' : 'Test: '}${isOwn ? '' : 'pstream: '}${line}`;
  const text = [
    ...(sample === undefined ? [] : [SAMPLE_LINE, '']),
    isOwn ? line : `${line}.`,
    ...(about === undefined ? [] : [about]),
    '',
    ...rows.map(({ head, details }) => [`- ${head}`, ...details.map((detail) => `  ${detail}`)].join('\n')),
    ...(more > 0 ? [`- ${moreLine(more)}`] : []),
    ...(notice.link === undefined ? [] : ['', notice.link]),
    '',
    footer(notice),
    '',
  ].join('\n');
  const items = [
    ...rows.map(({ head, details }) => `<li>${[head, ...details].map(escaped).join('<br>')}</li>`),
    ...(more > 0 ? [`<li>${escaped(moreLine(more))}</li>`] : []),
  ];
  const html = [
    '<!doctype html><html lang="en"><body style="font-family:sans-serif">',
    ...(sample === undefined ? [] : [`<p>${escaped(SAMPLE_LINE)}</p>`]),
    `<h1 style="font-size:1.2em">${escaped(line)}</h1>`,
    ...(about === undefined ? [] : [`<p>${escaped(about)}</p>`]),
    `<ul>${items.join('')}</ul>`,
    ...(notice.link === undefined ? [] : [`<p><a href="${escaped(notice.link)}">${escaped(notice.link)}</a></p>`]),
    `<p style="color:#666">${escaped(footer(notice))}</p>`,
    '</body></html>',
  ].join('\n');
  return { subject: subject.length > LONGEST_SUBJECT ? `${subject.slice(0, LONGEST_SUBJECT - 1)}…` : subject, text, html };
};

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it stands in HTML, attributes included. */
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
