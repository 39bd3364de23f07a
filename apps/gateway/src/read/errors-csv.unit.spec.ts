import { csvCell } from '@pstream/kernel';
import { errorLine, isReported } from './errors-csv.js';

describe('the errors report', () => {
  const error = {
    projectId: 'p',
    mailboxJobId: 'm',
    passId: 'x',
    itemKey: 'k',
    itemId: 'AAMk=',
    folderKey: 'f',
    outcome: 'failed' as const,
    state: 'open' as const,
    itemType: 'IPM.Appointment',
    itemDate: '2019-04-01T08:15:00Z',
    sizeBytes: 1_234,
    code: 'graph.item-corrupt',
    advice: 'Open the item in Outlook, or report it.',
    fallback: null,
    doubts: [],
    attempts: 3,
    firstSeenAt: '2026-01-01T00:00:00.000Z',
    lastSeenAt: '2026-01-02T00:00:00.000Z',
    mended: null,
    acknowledged: null,
  };
  it('has a line for each failed item', () => {
    expect(errorLine(error, { source: 'ada@contoso.com', destination: 'ada.pst' })).toBe(
      'm,ada@contoso.com,ada.pst,Calendars,2019-04-01T08:15:00Z,1234,"graph.item-corrupt: Open the item in Outlook, or report it.",\r\n',
    );
  });
  it('has a line for each item that was exported with doubts, as MIME or not', () => {
    const doubts = ['doubt.attachments-expected', 'doubt.smaller-than-listed'];
    const doubted = { ...error, outcome: 'doubts' as const, code: 'doubt.attachments-expected', advice: 'Compare it.', doubts };
    expect(errorLine(doubted, undefined)).toContain(',doubt.attachments-expected: Compare it.,');
    const asMime = { ...error, outcome: 'mime' as const, doubts };
    expect(errorLine(asMime, undefined)).toContain(',doubt.attachments-expected doubt.smaller-than-listed,');
    expect([doubted, asMime, { ...asMime, doubts: [] }].map(isReported)).toEqual([true, true, false]);
  });
  it('has no date where the mailbox did not state one', () =>
    expect(errorLine({ ...error, itemDate: null, advice: null }, undefined)).toBe('m,,,Calendars,,1234,graph.item-corrupt,\r\n'));
  it('has no advice where there is none', () =>
    expect(errorLine({ ...error, advice: null }, undefined)).toBe('m,,,Calendars,2019-04-01T08:15:00Z,1234,graph.item-corrupt,\r\n'));
  it.each([
    ['a "b"', '"a ""b"""'],
    ['=1+1.pst', "'=1+1.pst"],
    ['a\nb', '"a\nb"'],
    [-5, '-5'],
  ])('writes %j so that a spreadsheet reads it as it is', (value, written) => expect(csvCell(value)).toBe(written));
});
