import { readFileSync, statSync } from 'node:fs';
import { errnoOf } from '@pstream/kernel';
import { ConfigError, type ConfigKeys, type ConfigOf } from '@pstream/wiring';
import { z } from 'zod';
import type { MailOptions } from './channels/mail.js';

/** Keys of the notifier. */
export const notifierKeys = {
  mailFrom: {
    env: 'PSTREAM_MAIL_FROM',
    schema: z
      .string()
      .regex(/^[^\r\n]*[^\s@<>"]+@[^\s@<>"]+>?$/, 'expected an address such as pstream@contoso.com')
      .default('pstream@localhost')
      .describe('Sender of mails, such as pstream@contoso.com or `pstream <pstream@contoso.com>`.'),
  },
  mailFolder: {
    env: 'PSTREAM_MAIL_FOLDER',
    schema: z
      .string()
      .optional()
      .describe('Without a mail server: folder that mails are written to as files; by default `mail` in the data directory.'),
  },
  smtpHost: {
    env: 'PSTREAM_SMTP_HOST',
    schema: z.string().min(1).optional().describe('Mail server that mails are sent through; without it they are written to a folder.'),
  },
  smtpPort: {
    env: 'PSTREAM_SMTP_PORT',
    schema: z.coerce.number().int().min(1).max(65_535).default(587).describe('Port of the mail server, 1 to 65535.'),
  },
  smtpTls: {
    env: 'PSTREAM_SMTP_TLS',
    schema: z
      .enum(['starttls', 'tls', 'off'])
      .default('starttls')
      .describe(
        'Encryption to the mail server: starttls, tls (from the first byte, port 465), or off, for a server on the same machine. Nothing is sent in the clear unless it is off.',
      ),
  },
  smtpUser: {
    env: 'PSTREAM_SMTP_USER',
    schema: z.string().min(1).optional().describe('User that the mail server knows; none by default.'),
  },
  smtpPasswordFile: {
    env: 'PSTREAM_SMTP_PASSWORD_FILE',
    schema: z.string().min(1).optional().describe('File with the password of that user, readable by its owner only.'),
  },
  noticePrivateHosts: {
    env: 'PSTREAM_NOTICE_PRIVATE_HOSTS',
    schema: z
      .string()
      .default('')
      .transform((text) => text.split(',').flatMap((host) => (host.trim() === '' ? [] : [host.trim().toLowerCase()])))
      .describe(
        'Hosts in your own network that webhooks may go to, a comma between several; they may also be called without TLS. All others must be at a public address.',
      ),
  },
  noticeLink: {
    env: 'PSTREAM_NOTICE_LINK',
    schema: z
      .url({ protocol: /^https?$/, error: 'expected an address such as https://pstream.example/' })
      .optional()
      .describe('Address of the console, which notices link to; without it they have no link.'),
  },
} satisfies ConfigKeys;

/** How this service is set up. */
export type NotifierOptions = ConfigOf<typeof notifierKeys> & {
  /** How often open outboxes are looked at; 5 seconds by default. */
  readonly everyMs?: number;
};

const DEFAULT_FOLDER = 'pstream-mail';

/** Where mails go. Throws ConfigError where the settings do not fit. */
export const mailOptionsOf = (options: NotifierOptions): MailOptions => {
  const { mailFrom: from, mailFolder: folder, smtpHost: host, smtpPort: port, smtpTls: tls, smtpUser: user, smtpPasswordFile } = options;
  if (host === undefined) {
    if (user !== undefined || smtpPasswordFile !== undefined)
      throw new ConfigError(['PSTREAM_SMTP_HOST: needed with PSTREAM_SMTP_USER and PSTREAM_SMTP_PASSWORD_FILE.']);
    return { from, folder: folder ?? DEFAULT_FOLDER };
  }
  const problems = [
    ...(from === notifierKeys.mailFrom.schema.parse(undefined)
      ? ['PSTREAM_MAIL_FROM: needed with PSTREAM_SMTP_HOST, such as pstream@contoso.com.']
      : []),
    ...((user === undefined) === (smtpPasswordFile === undefined)
      ? []
      : ['PSTREAM_SMTP_USER, PSTREAM_SMTP_PASSWORD_FILE: each is needed with the other.']),
    ...(user !== undefined && tls === 'off'
      ? ['PSTREAM_SMTP_TLS: off would send the password in the clear. Use starttls or tls, or a server that needs no user.']
      : []),
  ];
  const password = smtpPasswordFile === undefined ? undefined : passwordIn(smtpPasswordFile);
  if (password !== undefined && 'problem' in password) problems.push(password.problem);
  if (problems.length > 0) throw new ConfigError(problems);
  return { from, smtp: { host, port, tls, user, password: password !== undefined && 'value' in password ? password.value : undefined } };
};

/** Bytes; more is no password. */
const LARGEST_FILE = 4_096;

/** The password in a file, or the problem with it, which never quotes it. */
const passwordIn = (path: string): { readonly value: string } | { readonly problem: string } => {
  const wrong = (what: string): { readonly problem: string } => ({ problem: `PSTREAM_SMTP_PASSWORD_FILE: ${what}` });
  try {
    const { mode, size } = statSync(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return wrong(`others may read ${path}. Run chmod 600 on it, and replace the password if others may have read it.`);
    const value = size > LARGEST_FILE ? '' : readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? wrong(`expected a password in ${path}, and found nothing, or more than ${LARGEST_FILE} bytes.`) : { value };
  } catch (error) {
    return wrong(`${path} cannot be read (${errnoOf(error) ?? 'unknown'}). Name a file with the password.`);
  }
};
