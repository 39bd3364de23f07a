import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, Fault, fieldOf, untilAborted, type Facts } from '@pstream/kernel';
import { createTransport } from 'nodemailer';
import { mailText } from '../render/mail-text.js';
import { noAnswer, refused, untilOver, ATTEMPT_MS } from './faults.js';
import type { Notice } from './notice.js';

/** A mail server, and how it is signed in to. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /** `starttls`: nothing is sent before the connection is encrypted; `off`: in the clear, for a server on the same machine. */
  readonly tls: 'starttls' | 'tls' | 'off';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
};

/** Where mails go: to a server, or as files into a folder. */
export type MailOptions = { readonly from: string } & ({ readonly folder: string } | { readonly smtp: SmtpServer });

/** Takes a mail out of the house; returns how many of the addresses were refused while others were taken. Faults: 'notice.no-answer' (retry),
 *  'notice.refused' (retry where the server says that it may take it later), 'notice.sign-in-refused' (retry), 'notice.folder' (retry). */
export type SendMail = (notice: Notice, to: readonly string[], signal?: AbortSignal) => Promise<number>;

/** The same notice has the same Message-ID each time, so that a mail server or a reader can tell a repeat. */
const messageId = (noticeId: string, from: string): string => `<${noticeId.toLowerCase()}.notice@${domainOf(from)}>`;

const domainOf = (from: string): string => /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'pstream.invalid';

export const mailSender = (options: MailOptions): SendMail => ('smtp' in options ? overSmtp(options) : intoFolder(options));

const mailOf = (notice: Notice, from: string, to: readonly string[]) => ({
  from,
  to: [...to],
  ...mailText(notice),
  messageId: messageId(notice.noticeId, from),
  date: new Date(notice.madeAt),
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
});

/** What is set of a mail comes from us alone: a name is never read as the path of a file or as an address to fetch. */
const CLOSED = { disableFileAccess: true, disableUrlAccess: true } as const;

const overSmtp = ({ from, smtp: { host, port, tls, user, password = '' } }: Extract<MailOptions, { smtp: SmtpServer }>): SendMail => {
  const transport = createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    connectionTimeout: ATTEMPT_MS,
    greetingTimeout: ATTEMPT_MS,
    socketTimeout: ATTEMPT_MS,
    ...CLOSED,
  });
  return async (notice, to, signal) => {
    const over = untilOver(signal);
    try {
      // The library has no signal of its own: its time-outs bound every silence, and this bounds the whole.
      const { rejected } = await untilAborted(transport.sendMail(mailOf(notice, from, to)), over);
      return rejected.length;
    } catch (error) {
      throw over.aborted ? noAnswer('time-out') : classified(error);
    }
  };
};

/** What the mail server or the way to it answered. The library's message may hold addresses, so it is not repeated. */
const classified = (error: unknown): Fault => {
  const code = fieldOf(error, 'code') ?? 'unknown';
  const status = (error as { readonly responseCode?: unknown } | null)?.responseCode;
  const facts: Facts = typeof status === 'number' ? { status } : {};
  if (code === 'EAUTH')
    return new Fault('notice.sign-in-refused', {
      retry: { afterMs: 60_000 },
      facts,
      advice: 'Check PSTREAM_SMTP_USER and the file of PSTREAM_SMTP_PASSWORD_FILE, and restart the notifier.',
    });
  if (typeof status === 'number' && status >= 400) return refused(facts, status < 500 ? { afterMs: 60_000 } : 'never');
  return noAnswer(code);
};

const intoFolder = ({ from, folder }: Extract<MailOptions, { folder: string }>): SendMail => {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix', ...CLOSED });
  return async (notice, to) => {
    const { message } = await transport.sendMail(mailOf(notice, from, to));
    const file = join(folder, `${notice.noticeId}.eml`);
    const whole = `${file}.${process.pid}.tmp`;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(whole, message, { mode: 0o600 });
      // Whole or not at all; a second time, it takes the place of itself.
      await rename(whole, file);
      return 0;
    } catch (error) {
      throw new Fault('notice.folder', {
        retry: { afterMs: 60_000 },
        facts: { reason: errnoOf(error) ?? 'unknown' },
        advice: 'Give pstream a folder for mails that it may write to, with space left: PSTREAM_MAIL_FOLDER.',
      });
    } finally {
      await rm(whole, { force: true }).catch(() => undefined);
    }
  };
};
