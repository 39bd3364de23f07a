import type { NoticeEntry } from '@pstream/contracts';
import { MOST_LINES } from './words.js';
import { mailText } from './mail-text.js';
import { AT, noticeOf } from './notice.fixture.js';
import { teamsBody } from '../channels/teams.js';

const entry = (kind: NoticeEntry['kind'], source: string, more: Partial<NoticeEntry> = {}): NoticeEntry => ({
  kind,
  at: AT,
  source,
  passKind: 'full',
  pass: 2,
  ...more,
});
const notice = noticeOf(
  [
    entry('pass.completed', 'ann@contoso.com', { totals: { discovered: 10, exported: 9, skipped: 1, failed: 0 } }),
    entry('pass.failed', 'bob@contoso.com', { code: 'graph.mailbox-forbidden', advice: 'Grant the app access to this mailbox.' }),
    entry('pass.failed', 'eve@contoso.com', { code: 'graph.no-mailbox' }),
  ],
  'https://pstream.example/',
);

describe('the text of a notice', () => {
  it('says the worst first, of which project, what happened and what to do', () => {
    expect(mailText(notice)).toMatchInlineSnapshot(`
     {
       "html": "<!doctype html><html lang="en"><body style="font-family:sans-serif">
     <h1 style="font-size:1.2em">Leavers: 2 passes failed, 1 pass completed</h1>
     <p>Project Leavers of Contoso</p>
     <ul><li>2026-03-31 10:00 UTC bob@contoso.com: pass failed (full, pass 2)<br>Cause: graph.mailbox-forbidden<br>Grant the app access to this mailbox.</li><li>2026-03-31 10:00 UTC eve@contoso.com: pass failed (full, pass 2)<br>Cause: graph.no-mailbox</li><li>2026-03-31 10:00 UTC ann@contoso.com: pass completed (full, pass 2)<br>9 of 10 items exported, 1 skipped, 0 failed</li></ul>
     <p><a href="https://pstream.example/">https://pstream.example/</a></p>
     <p style="color:#666">Sent by pstream because of the subscription &quot;Ops&quot;. Change it with: pstream notice edit S</p>
     </body></html>",
       "subject": "pstream: Leavers: 2 passes failed, 1 pass completed",
       "text": "Leavers: 2 passes failed, 1 pass completed.
     Project Leavers of Contoso

     - 2026-03-31 10:00 UTC bob@contoso.com: pass failed (full, pass 2)
       Cause: graph.mailbox-forbidden
       Grant the app access to this mailbox.
     - 2026-03-31 10:00 UTC eve@contoso.com: pass failed (full, pass 2)
       Cause: graph.no-mailbox
     - 2026-03-31 10:00 UTC ann@contoso.com: pass completed (full, pass 2)
       9 of 10 items exported, 1 skipped, 0 failed

     https://pstream.example/

     Sent by pstream because of the subscription "Ops". Change it with: pstream notice edit S
     ",
     }
    `);
  });

  it('lists so many entries and counts the others', () => {
    const entries = Array.from({ length: MOST_LINES + 3 }, (_, index) => entry('pass.completed', `user${index}@contoso.com`));
    const { text } = mailText({ ...notice, entries, counts: { 'pass.completed': 500 } });
    expect(text.split('\n').filter((line) => line.startsWith('- 2026')).length).toBe(MOST_LINES);
    expect(text).toContain(`and ${500 - MOST_LINES} more`);
  });

  it('is text wherever a name stands: no markup, no further header, no line of its own', () => {
    const name = '<img src=x onerror=alert(1)>\r\nBcc: eve@contoso.com\u2028"&\'';
    const odd = { ...notice, project: { ...notice.project!, name } };
    const { subject, html, text } = mailText(odd);
    expect(`${subject}${text}`).not.toMatch(/^Bcc/m);
    expect(subject).not.toMatch(/[\r\n\u2028]/);
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; Bcc: eve@contoso.com &quot;&amp;&#39;');
  });
});

describe('a Teams card', () => {
  it('has the same lines as plain text, in which no name becomes a link', () => {
    const named = { ...notice, project: { ...notice.project!, name: '[click](https://evil.example)' } };
    const card = JSON.parse(teamsBody(named)) as { attachments: { content: { body: { type: string }[] } }[] };
    const blocks = card.attachments[0]!.content.body;
    expect(new Set(blocks.map(({ type }) => type))).toEqual(new Set(['RichTextBlock']));
    expect(JSON.stringify(blocks)).toContain('[click](https://evil.example): 2 passes failed, 1 pass completed');
  });

  it('stays below the 28 KB that a workflow takes', () => {
    const entries = Array.from({ length: 500 }, () =>
      entry('pass.failed', 'x'.repeat(320), { advice: 'y'.repeat(2_000), code: 'z'.repeat(100) }),
    );
    expect(Buffer.byteLength(teamsBody({ ...notice, entries, counts: { 'pass.failed': 500 } }))).toBeLessThan(28 * 1024);
  });
});
