import { parseArgs } from 'node:util';

/** What the program was asked to serve. */
export type Content =
  | { readonly is: 'dump'; readonly directory: string }
  | {
      readonly is: 'generated';
      readonly items: number;
      readonly mailboxes: number;
      readonly seed: number;
      readonly archives: number;
      readonly size: string;
    }
  | {
      readonly is: 'pst';
      readonly mailboxes: readonly { readonly userPrincipalName: string; readonly primary: string; readonly archive?: string }[];
    };

/** The program's arguments, read. */
export type Options =
  | { readonly is: 'help' }
  | {
      readonly is: 'run';
      readonly content: Content;
      readonly port: number;
      readonly faults: string | undefined;
      readonly auxiliaries: number;
      readonly unlimited: boolean;
      readonly loose: boolean;
    };

/** Arguments that do not fit: what, and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Shown by --help. */
export const HELP = `Serves a simulated Microsoft 365 tenant: sign-in and the Graph calls of a mailbox export.

  npm run tenant -- --tenant DIR                       contents of a tenant dump
  npm run tenant -- --generate N [--mailboxes M]       M made-up mailboxes of N items each
  npm run tenant -- --mailbox UPN=FILE.pst[,ARCHIVE.pst] …   contents of PST files

  --port P          port on 127.0.0.1; 0, the default, takes any free one
  --seed S          what generated mailboxes follow from; 1 by default
  --archives A      how many generated users have an archive; 0 by default
  --size NAME       size of generated items: tiny, small, mail (75 KB on average, the default), large
  --auxiliaries K   auxiliary archives behind each archive; 0 by default
  --faults FILE     what goes wrong, as JSON: {"rules": [{"on": "exportItems", "effect": "throttle", "times": 3}]}
  --no-limits       no limit of calls in flight or per 10 minutes
  --loose           lets unknown query options and missing permissions pass
  --help            this text

When it is ready it prints one line of JSON on standard output: graphUrl, authorityUrl, tenantId, clientId, clientSecret.
Calls go to <graphUrl>/v1.0/…, sign-in is <authorityUrl>/<tenantId>/oauth2/v2.0/token. Interrupt it to end it.
Exit codes: 0 ended, 1 failed, 2 wrong arguments or unreadable contents.
`;

const OPTIONS = {
  tenant: { type: 'string' },
  generate: { type: 'string' },
  mailboxes: { type: 'string' },
  seed: { type: 'string' },
  archives: { type: 'string' },
  size: { type: 'string' },
  mailbox: { type: 'string', multiple: true },
  port: { type: 'string' },
  auxiliaries: { type: 'string' },
  faults: { type: 'string' },
  'no-limits': { type: 'boolean' },
  loose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const SIZES = ['tiny', 'small', 'mail', 'large'];

const whole = (name: string, value: string | undefined, fallback: number, max: number): number => {
  if (value === undefined) return fallback;
  if (!/^\d{1,9}$/.test(value) || Number(value) > max)
    throw new UsageError(`--${name} must be a whole number from 0 to ${max}, not "${value}".`);
  return Number(value);
};

const mailboxOf = (text: string): { readonly userPrincipalName: string; readonly primary: string; readonly archive?: string } => {
  const [userPrincipalName = '', ...rest] = text.split('=');
  const [primary = '', archive, ...more] = rest.join('=').split(',');
  if (!/^[^@\s]+@[^@\s]+$/.test(userPrincipalName) || primary === '' || archive === '' || more.length > 0) {
    throw new UsageError(`--mailbox must be UPN=primary.pst or UPN=primary.pst,archive.pst, not "${text}".`);
  }
  return { userPrincipalName, primary, ...(archive === undefined ? {} : { archive }) };
};

/** Reads the arguments. Throws UsageError. */
export const readOptions = (args: readonly string[]): Options => {
  const { values } = parse(args);
  if (values.help === true) return { is: 'help' };
  const sources = [values.tenant, values.generate, values.mailbox].filter((each) => each !== undefined);
  if (sources.length !== 1) throw new UsageError('Give exactly one of --tenant DIR, --generate N and --mailbox UPN=FILE.');
  const size = values.size ?? 'mail';
  if (!SIZES.includes(size)) throw new UsageError(`--size must be one of ${SIZES.join(', ')}, not "${size}".`);
  const mailboxes = whole('mailboxes', values.mailboxes, 1, 100_000);
  const content: Content =
    values.tenant !== undefined
      ? { is: 'dump', directory: values.tenant }
      : values.mailbox !== undefined
        ? { is: 'pst', mailboxes: values.mailbox.map(mailboxOf) }
        : {
            is: 'generated',
            items: whole('generate', values.generate, 0, 100_000_000),
            mailboxes,
            seed: whole('seed', values.seed, 1, 999_999_999),
            archives: whole('archives', values.archives, 0, mailboxes),
            size,
          };
  return {
    is: 'run',
    content,
    port: whole('port', values.port, 0, 65_535),
    faults: values.faults,
    auxiliaries: whole('auxiliaries', values.auxiliaries, 0, 20),
    unlimited: values['no-limits'] ?? false,
    loose: values.loose ?? false,
  };
};

const parse = (
  args: readonly string[],
): ReturnType<typeof parseArgs<{ args: string[]; options: typeof OPTIONS; strict: true; allowPositionals: false }>> => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};
