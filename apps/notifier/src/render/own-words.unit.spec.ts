import { PLACEHOLDERS, subscribableKinds, type NoticeEntry, type TemplateKind } from '@pstream/contracts';
import type { Notice } from '../channels/notice.js';
import { teamsBody } from '../channels/teams.js';
import { webhookBody } from '../channels/webhook.js';
import { mailText } from './mail-text.js';
import { AT, noticeOf } from './notice.fixture.js';
import { sampleOf } from './samples.js';

const failed = (source: string, more: Partial<NoticeEntry> = {}): NoticeEntry => ({
  kind: 'pass.failed',
  at: AT,
  source,
  code: 'graph.no-mailbox',
  ...more,
});
const notice = noticeOf([
  failed('ann@contoso.com'),
  { kind: 'pass.completed', at: AT, source: 'bob@contoso.com' },
  failed('eve@contoso.com'),
]);
const withWords = (subject: string | null, body: string | null, more: Partial<Notice> = {}): Notice => ({
  ...notice,
  templates: { 'pass.failed': { subject, body } },
  ...more,
});

describe('a notice in own words', () => {
  it('has the subject of its most urgent kind, and the text of each kind', () => {
    const { subject, text } = mailText(
      withWords('{count} of {project} ({customer}) need help', '{mailbox}\nCause {cause}, told {subscription}'),
    );
    expect(subject).toBe('2 of Leavers (Contoso) need help');
    expect(text).toContain('2 of Leavers (Contoso) need help\nProject Leavers of Contoso\n');
    expect(text).toContain('- ann@contoso.com\n  Cause graph.no-mailbox, told Ops\n- eve@contoso.com\n');
    expect(text).toContain('bob@contoso.com: pass completed');
  });

  it('says the usual where a kind has no words of its own, or they come to nothing', () => {
    for (const words of [withWords(null, null), withWords('{advice}', '{advice}'), { ...notice, templates: {} }])
      expect(mailText(words)).toEqual(mailText(notice));
    expect(mailText(withWords('{usual}', '{usual}')).subject).toBe('Leavers: 2 passes failed, 1 pass completed');
  });

  it('takes names as they are: none adds a line, a placeholder, a tag or Markdown', () => {
    const hostile = '{cause}\r\nBcc: eve@evil.example <b>[x](https://evil.example)';
    const project = { projectId: 'P', name: hostile, customerId: 'C', customer: hostile };
    const one = withWords('{project}', '{project} {mailbox}', { project, entries: [failed(hostile)], counts: { 'pass.failed': 1 } });
    const { subject, text, html } = mailText(one);
    expect(subject).toBe('{cause} Bcc: eve@evil.example <b>[x](https://evil.example)');
    expect(text.split('\n').filter((line) => line.startsWith('Bcc'))).toEqual([]);
    expect(html).not.toContain('<b>');
    expect(JSON.parse(teamsBody(one))).toMatchObject({ attachments: [{ content: { body: [{ type: 'RichTextBlock' }, {}, {}, {}] } }] });
  });

  it('is the same data as before for a webhook', () => {
    expect(webhookBody(withWords('x', 'y'))).toBe(webhookBody(notice));
  });

  it.each(subscribableKinds)('about %s has a value for every placeholder, and a test that says that it is one', (kind: TemplateKind) => {
    const all = PLACEHOLDERS[kind].map((name) => `${name}=<{${name}}>`).join('\n');
    const test = {
      ...notice,
      project: null,
      counts: { test: 1 },
      entries: [{ ...sampleOf(kind), kind: 'test', sampleOf: kind, at: AT }],
    } as const;
    const { subject, text } = mailText({ ...test, templates: { [kind]: { subject: 'Own {usual}', body: all } } });
    expect(subject).toMatch(/^Test: Own \S/);
    expect(text).toMatch(/^This is a test\./);
    expect(text).not.toMatch(/=<>/);
    expect(text.match(/=<[^>]+>/g)).toHaveLength(PLACEHOLDERS[kind].length);
    expect(JSON.parse(webhookBody(test))).toMatchObject({ data: { counts: { test: 1 }, entries: [{ kind: 'test', sampleOf: kind }] } });
    expect(teamsBody(test)).toContain('This is a test.');
  });
});

describe('a Teams card', () => {
  it('is as large as a card may be, whatever the names and words are', () => {
    const long = '名'.repeat(300);
    const entries = Array.from({ length: 40 }, () =>
      failed(long, { advice: long, totals: { discovered: 1, exported: 1, skipped: 0, failed: 0 } }),
    );
    for (const one of [
      { ...notice, entries, counts: { 'pass.failed': 40 } },
      withWords(long, Array.from({ length: 20 }, () => '{mailbox}').join('\n'), { entries, counts: { 'pass.failed': 40 } }),
    ]) {
      const body = teamsBody(one);
      expect(Buffer.byteLength(body)).toBeLessThan(28_000);
      expect(body).toMatch(/and \d+ more/);
    }
    expect(teamsBody(notice)).not.toMatch(/and \d+ more/);
  });
});
