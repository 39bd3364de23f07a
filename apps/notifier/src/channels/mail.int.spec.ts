import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { mailSender, type SendMail } from './mail.js';
import type { Notice } from './notice.js';

const notice: Notice = {
  noticeId: '01J8ZQ4N5W9K7C1B2D3E4F5G6A',
  workgroupId: 'w',
  subscription: { subscriptionId: 'S', name: 'Ops' },
  project: { projectId: 'P', name: 'Löwen\r\nBcc: eve@contoso.com', customerId: 'C', customer: 'Contoso' },
  madeAt: '2026-03-31T10:00:00.000Z',
  counts: { 'pass.completed': 1 },
  entries: [{ kind: 'pass.completed', at: '2026-03-31T10:00:00.000Z', source: 'ann@contoso.com' }],
  link: undefined,
};
const from = 'pstream <pstream@contoso.com>';
const ID = '<01j8zq4n5w9k7c1b2d3e4f5g6a.notice@contoso.com>';

/** The header fields of a mail, each on one line. */
const headOf = (mail: string): string => mail.split(/\r?\n\r?\n/, 1)[0]!.replaceAll(/\r?\n[ \t]+/g, ' ');

let server: SMTPServer | undefined;
const mails: string[] = [];
/** A mail server with these manners, and how mails are sent through it. */
const withServer = async (manners: SMTPServerOptions, smtp: object = {}): Promise<SendMail> => {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 50,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
    ...manners,
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = server.server.address() as AddressInfo;
  return mailSender({ from, smtp: { host: '127.0.0.1', port, tls: 'off', ...smtp } });
};
const no = (responseCode: number): Error => Object.assign(new Error('a sentence with ada@contoso.com'), { responseCode });

beforeEach(() => {
  mails.length = 0;
});
afterEach(async () => {
  const closing = server;
  server = undefined;
  if (closing !== undefined) await new Promise<void>((resolve) => closing.close(() => resolve()));
});

describe('a mail server that', () => {
  it('accepts gets the notice in text and HTML, with an id that follows from the notice, and nothing by way of a name', async () => {
    const send = await withServer({});
    expect(await send(notice, ['ada@contoso.com', 'bob@contoso.com'])).toBe(0);
    const [mail = ''] = mails;
    const head = headOf(mail);
    expect(head).toContain(`Message-ID: ${ID}`);
    expect(head).toContain('Auto-Submitted: auto-generated');
    expect(head).toContain('To: ada@contoso.com, bob@contoso.com');
    expect(head).not.toMatch(/^Bcc/im);
    expect(mail).toMatch(/multipart\/alternative/);
  });

  it('refuses some of the addresses takes the mail for the others, and says how many it refused', async () => {
    const send = await withServer({ onRcptTo: ({ address }, _session, done) => done(address.startsWith('bob') ? no(550) : null) });
    expect(await send(notice, ['ada@contoso.com', 'bob@contoso.com'])).toBe(1);
    expect(mails.length).toBe(1);
  });

  it.each([
    [550, 'never'],
    [451, { afterMs: 60_000 }],
  ])('refuses every address with %i is asked again or not, as it says, and its words are repeated nowhere', async (status, retry) => {
    const send = await withServer({ onRcptTo: (_address, _session, done) => done(no(status)) });
    const error: unknown = await send(notice, ['ada@contoso.com']).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'notice.refused', retry, facts: { status } });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain('ada@');
  });

  it('refuses the mail itself', async () => {
    const send = await withServer({ onData: (stream, _session, done) => stream.on('end', () => done(no(552))).resume() });
    await expect(send(notice, ['ada@contoso.com'])).rejects.toMatchObject({ code: 'notice.refused', retry: 'never' });
  });

  it('drops the connection when it has the mail gets the same mail again', async () => {
    let drops = true;
    const send = await withServer({
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push(Buffer.concat(chunks).toString());
          if (!drops) return done();
          drops = false;
          for (const connection of server?.connections ?? []) if (connection.session === session) connection.close();
          return undefined;
        });
      },
    });
    await expect(send(notice, ['ada@contoso.com'])).rejects.toMatchObject({ code: 'notice.no-answer' });
    await send(notice, ['ada@contoso.com']);
    expect(mails.map((mail) => /^Message-ID: (.*)$/im.exec(mail)?.[1])).toEqual([ID, ID]);
  });

  it('says nothing is left when the time is over', async () => {
    const over = new AbortController();
    const send = await withServer({ onConnect: () => over.abort() });
    await expect(send(notice, ['ada@contoso.com'], over.signal)).rejects.toMatchObject({
      code: 'notice.no-answer',
      facts: { reason: 'time-out' },
    });
  });

  it('is not waited for where the signal has come before it is asked', async () => {
    const send = await withServer({ onConnect: () => undefined });
    await expect(send(notice, ['ada@contoso.com'], AbortSignal.abort())).rejects.toMatchObject({ code: 'notice.no-answer' });
  });

  it('is not there', async () => {
    const send = await withServer({});
    const closing = server!;
    server = undefined;
    await new Promise<void>((resolve) => closing.close(() => resolve()));
    await expect(send(notice, ['ada@contoso.com'])).rejects.toMatchObject({ code: 'notice.no-answer', retry: { afterMs: 30_000 } });
  });

  it('does not know the user is asked again, when somebody has mended it', async () => {
    const send = await withServer(
      { authMethods: ['PLAIN'], allowInsecureAuth: true, onAuth: (_auth, _session, done) => done(no(535)) },
      { user: 'pstream', password: 'hunter2' },
    );
    const error: unknown = await send(notice, ['ada@contoso.com']).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'notice.sign-in-refused', retry: { afterMs: 60_000 } });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain('hunter2');
  });

  it('offers no encryption gets nothing where it is wanted', async () => {
    const send = await withServer({}, { tls: 'starttls' });
    await expect(send(notice, ['ada@contoso.com'])).rejects.toMatchObject({ code: expect.stringMatching(/^notice\./) });
    expect(mails).toEqual([]);
  });
});

describe('a folder of mails', () => {
  it('has each notice once, whole, however often it is sent', async () => {
    const folder = join(tempDir(), 'mail');
    const send = mailSender({ from, folder });
    await send(notice, ['ada@contoso.com']);
    await send(notice, ['ada@contoso.com']);
    expect(readdirSync(folder)).toEqual([`${notice.noticeId}.eml`]);
    const mail = readFileSync(join(folder, `${notice.noticeId}.eml`), 'utf8');
    expect(headOf(mail)).toContain(`Message-ID: ${ID}`);
  });

  it('that cannot be made is a fault that says so', async () => {
    const send = mailSender({ from, folder: '/dev/null/mail' });
    await expect(send(notice, ['ada@contoso.com'])).rejects.toMatchObject({ code: 'notice.folder', facts: { reason: 'ENOTDIR' } });
  });
});
