import { Button } from '@fluentui/react-components';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { allPages } from '@pstream/api/client';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { live, queries } from '../api/queries.js';
import { Name, Section, useNowMs } from '../parts/basics.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { count, moment } from '../parts/format.js';
import { Empty, Read } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { RemoveDialog } from '../setup/edit-dialogs.js';
import { couponCommand, couponFieldOf, couponOf, COUPON_KINDS, minorOf, requiredOf, type Coupon, type CouponField } from './coupon-form.js';
import { money } from './money.js';
import { Table } from '../parts/table.js';

const MINUTE_MS = 60_000;
const couponsQuery = queryOptions({
  queryKey: ['coupons'],
  queryFn: () => allPages((query) => client.listCoupons({ query })),
  ...live,
});
const readAgain = async ({ stream, version }: { readonly stream: string; readonly version: number }): Promise<void> => {
  await client.listCoupons({ query: { limit: 1, atLeast: `${stream}:${version}` } });
  await queries.invalidateQueries({ queryKey: ['coupons'] });
};

/** Coupons of the installation, for whoever runs it. */
export const Coupons = ({ currency }: { readonly currency: string | undefined }): ReactElement => {
  const { t } = useTranslation();
  const coupons = useQuery(couponsQuery);
  const [making, setMaking] = useState(false);
  const [withdrawing, setWithdrawing] = useState<string | undefined>();
  return (
    <Section
      id="coupons"
      title={t('coupon.title')}
      action={
        <Button size="small" onClick={() => setMaking(true)}>
          {t('coupon.make')}…
        </Button>
      }
      command="pstream licence coupons list"
    >
      <Read query={coupons} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('coupon.none')}>
              <p>{t('coupon.noneNext')}</p>
            </Empty>
          ) : (
            <List coupons={items} onWithdraw={setWithdrawing} />
          )
        }
      </Read>
      {making ? <MakeDialog currency={currency ?? ''} onClose={() => setMaking(false)} /> : null}
      {withdrawing === undefined ? null : (
        <RemoveDialog
          title={t('coupon.withdrawOf', { code: withdrawing })}
          about={t('coupon.withdrawAbout')}
          submit={t('coupon.withdraw')}
          command={`pstream licence coupons withdraw ${withdrawing} --yes`}
          remove={async () => readAgain(await client.withdrawCoupon({ params: { code: withdrawing } }))}
          onClose={() => setWithdrawing(undefined)}
        />
      )}
    </Section>
  );
};

type ListProps = { readonly coupons: readonly Coupon[]; readonly onWithdraw: (code: string) => void };

const List = ({ coupons, onWithdraw }: ListProps): ReactElement => {
  const { t } = useTranslation();
  const nowMs = useNowMs(MINUTE_MS);
  return (
    <Table
      label={t('coupon.title')}
      heads={[t('coupon.code'), t('coupon.takesOff'), t('coupon.until'), t('coupon.status'), t('people.actions')]}
      stack
    >
      {coupons.map(({ code, terms, expiresAt, withdrawnAt }) => (
        <tr key={code}>
          <th scope="row">
            <Name>{code}</Name>
          </th>
          <td data-label={t('coupon.takesOff')}>
            <Terms terms={terms} />
          </td>
          <td data-label={t('coupon.until')}>{moment(expiresAt)}</td>
          <td>
            {withdrawnAt !== null ? (
              <Chip sign="◼" tone="quiet" word={t('coupon.is.withdrawn')} />
            ) : Date.parse(expiresAt) <= nowMs ? (
              <Chip sign="○" tone="quiet" word={t('coupon.is.ended')} />
            ) : (
              <Chip sign="✓" tone="good" word={t('coupon.is.valid')} />
            )}
          </td>
          <td>
            {withdrawnAt === null ? (
              <Button size="small" aria-label={t('coupon.withdrawOf', { code })} onClick={() => onWithdraw(code)}>
                {t('coupon.withdraw')}…
              </Button>
            ) : null}
          </td>
        </tr>
      ))}
    </Table>
  );
};

const Terms = ({ terms }: { readonly terms: Coupon['terms'] }): ReactElement => {
  const { t } = useTranslation();
  if (terms.kind === 'percent') return <>{t('coupon.percent', { percent: count(terms.percent) })}</>;
  if (terms.kind === 'amount') return <>{money(terms.minor, terms.currency)}</>;
  return <>{t('coupon.licences', { count: terms.licences, licences: count(terms.licences) })}</>;
};

const MakeDialog = ({ currency, onClose }: { readonly currency: string; readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  const form = useForm<CouponField>({
    initial: { code: '', kind: 'percent', percent: '10', amount: '', currency, licences: '1', until: '' },
    required: requiredOf,
    fieldOf: couponFieldOf,
    send: async (values) => {
      await readAgain(await client.createCoupon({ body: couponOf(values) }));
      onClose();
    },
  });
  const { kind, amount, currency: given } = form.values;
  const isAmount = amount.trim() === '' || !Number.isNaN(minorOf(amount.trim(), given.trim().toUpperCase()));
  return (
    <FormDialog title={t('coupon.make')} form={form} submit={t('coupon.make')} command={couponCommand(form.values)} onClose={onClose}>
      <p>{t('coupon.about')}</p>
      <FormField form={form} name="code" label={t('coupon.code')} hint={t('coupon.codeHint')} required />
      <FormField
        form={form}
        name="kind"
        label={t('coupon.takesOff')}
        options={COUPON_KINDS.map((each) => [each, t(`coupon.kind.${each}`)] as const)}
      />
      {kind === 'percent' ? <FormField form={form} name="percent" label={t('coupon.kind.percent')} type="number" required /> : null}
      {kind === 'licences' ? <FormField form={form} name="licences" label={t('coupon.kind.licences')} type="number" required /> : null}
      {kind === 'amount' ? (
        <div className="pair-fields">
          <FormField
            form={form}
            name="amount"
            label={t('coupon.kind.amount')}
            required
            {...(isAmount ? {} : { fault: t('coupon.noAmount') })}
          />
          <FormField form={form} name="currency" label={t('coupon.currency')} required />
        </div>
      ) : null}
      <FormField form={form} name="until" label={t('coupon.lastDay')} hint={t('coupon.lastDayHint')} type="date" required />
    </FormDialog>
  );
};
