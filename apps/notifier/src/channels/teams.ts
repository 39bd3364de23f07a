import { SAMPLE_LINE, shownBy } from '../render/samples.js';
import { aboutLine, entryLines, footer, headline, listed, moreLine } from '../render/words.js';
import type { Notice } from './notice.js';

const MOST_ROWS = 20;
/** A card holds at most 28 KB; the workflow that posts it adds a little. */
const MOST_BYTES = 26 * 1024;

/** A line of plain text. The usual text block reads Markdown, by which a name could become a link. */
const line = (text: string, style: object = {}, block: object = {}) => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text: cut(text), ...style }],
  ...block,
});

/** The message of a Teams workflow that posts a card, with as many rows as a card holds. */
export const teamsBody = (given: Notice): string => {
  const sample = shownBy(given);
  for (let rows = MOST_ROWS; ; rows--) {
    const body = cardOf(sample ?? given, rows, sample !== undefined);
    if (rows === 0 || Buffer.byteLength(body) <= MOST_BYTES) return body;
  }
};

const cardOf = (notice: Notice, most: number, isSample: boolean): string => {
  const { shown, more } = listed(notice, most);
  const about = aboutLine(notice);
  const rows = shown
    .map((entry) => entryLines(entry, notice))
    .flatMap(({ head, details }) => [line(head), ...details.map((detail) => line(detail, { isSubtle: true }, { spacing: 'None' }))]);
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      ...(isSample ? [line(SAMPLE_LINE)] : []),
      line(headline(notice).text, { size: 'Large', weight: 'Bolder' }),
      ...(about === undefined ? [] : [line(about)]),
      ...rows,
      ...(more > 0 ? [line(moreLine(more))] : []),
      line(footer(notice), { isSubtle: true, size: 'Small' }),
    ],
    ...(notice.link === undefined ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open pstream', url: notice.link }] }),
  };
  return JSON.stringify({
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  });
};

const LONGEST_LINE = 300;
const cut = (text: string): string => (text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text);
