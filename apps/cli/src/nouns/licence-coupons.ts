import type { Coupon } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import type { CouponTerms } from '@pstream/contracts';
import { amountOf } from '@pstream/kernel';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { Command, Verb, VerbGroup, Verbs, type Args } from '../cli/command.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { option, type Given } from '../cli/option.js';
import { shown } from '../http/shown.js';
import { day, minorUnits, money } from '../output/format.js';

@Verb({ name: 'list', about: 'Lists the coupons' })
class ListCoupons extends Command {
  async execute(): Promise<void> {
    const found = await allPages((query) => this.client.listCoupons({ query }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Code', exact: ({ code }) => code },
        { title: 'Takes off', exact: ({ terms }) => termsText(terms) },
        { title: 'Until', exact: ({ expiresAt }) => expiresAt, human: ({ expiresAt }) => day(expiresAt) },
        { title: 'Withdrawn', exact: ({ withdrawnAt }) => withdrawnAt, human: ({ withdrawnAt }) => day(withdrawnAt) },
      ],
      'No coupons yet. Make one with: pstream licence coupons create CODE --percent 20 --until 2027-01-31',
    );
  }
}

const positive = z.coerce.number({ error: 'Give a number.' }).int().min(1).optional();

@Verb({ name: 'create', about: 'Makes a coupon that each workgroup can use once', args: '<code>' })
class CreateCoupon extends Command {
  static readonly options = {
    percent: option('--percent <n>', 'Takes so many percent off', positive),
    amount: option('--amount <amount>', 'Takes this much off, such as "50.00 EUR"', z.string().optional()),
    licences: option('--licences <n>', 'Takes the price of so many licences off', positive),
    until: option('--until <day>', 'Last day on which it can be used, in UTC', z.iso.date('Give a day such as 2027-01-31.')),
  };

  async execute([code = '']: Args, { until, ...given }: Given<typeof CreateCoupon.options>): Promise<void> {
    const body = { code, terms: termsOf(given), expiresAt: dayAfter(until) };
    const made = await this.client.createCoupon({ body });
    await shown(made, (query) => this.client.listCoupons({ query }));
    this.out.done(made, `Coupon ${made.id}: ${termsText(body.terms)} until ${until}.`, made.id);
  }
}

@Verb({ name: 'withdraw', about: 'Withdraws a coupon; orders that have used it keep it', args: '<code>' })
class WithdrawCoupon extends Command {
  static readonly options = YES;

  async execute([code = '']: Args, { yes }: Given<typeof WithdrawCoupon.options>): Promise<void> {
    confirmed(yes, `withdraw coupon ${code}`);
    const made = await this.client.withdrawCoupon({ params: { code } });
    await shown(made, (query) => this.client.listCoupons({ query }));
    this.out.done(made, `Nobody can use coupon ${code} any more.`, made.id);
  }
}

@Verbs('coupons', [ListCoupons, CreateCoupon, WithdrawCoupon])
export class CouponVerbs extends VerbGroup {}

const EXAMPLE = 'pstream licence coupons create SPRING --percent 20 --until 2027-01-31';

const termsOf = ({
  percent,
  amount,
  licences,
}: {
  readonly percent?: number | undefined;
  readonly amount?: string | undefined;
  readonly licences?: number | undefined;
}): CouponTerms => {
  if ([percent, amount, licences].filter((one) => one !== undefined).length !== 1)
    throw usageError('Exactly one of --percent, --amount and --licences is needed.', EXAMPLE);
  if (percent !== undefined) return { kind: 'percent', percent };
  if (licences !== undefined) return { kind: 'licences', licences };
  const [value = '', currency = ''] = (amount ?? '').split(' ');
  const minor = minorUnits(value, currency);
  if (minor === undefined) throw usageError(`--amount: give an amount such as "50.00 EUR"; "${amount}" is none.`, EXAMPLE);
  return { kind: 'amount', currency, minor };
};

/** A coupon holds to the end of its last day. */
const dayAfter = (until: string): string => new Date(Date.parse(`${until}T00:00:00.000Z`) + 24 * 3_600_000).toISOString();

const termsText = (terms: Coupon['terms']): string => {
  switch (terms.kind) {
    case 'percent':
      return `${terms.percent} %`;
    case 'amount':
      return money(terms.minor, terms.currency);
    case 'licences':
      return amountOf(terms.licences, 'licence');
  }
};
