import { Button, Checkbox } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { Command, Link, PageHead, Section } from '../parts/basics.js';
import { FormField, useForm } from '../parts/form.js';
import { count } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { shellWord } from '../parts/shell-word.js';
import { Failure, Read } from '../parts/states.js';
import { money } from './money.js';
import { MayNotBuy, NotNeeded } from './page.js';
import { considerationsQuery, orderQuery, pricesQuery } from './queries.js';

type Prices = AnswerOf<'getPrices'>;
type Order = AnswerOf<'getOrder'>;

const route = getRouteApi('/licences/buy');

/** What to know, then how many, how they are paid and what they cost; or the same for the renewal of an order. */
export const BuyPage = (): ReactElement => {
  const { t } = useTranslation();
  const { renew } = route.useSearch();
  const prices = useQuery(pricesQuery);
  const considerations = useQuery(considerationsQuery);
  const renewed = useQuery({ ...orderQuery(renew ?? ''), enabled: renew !== undefined });
  const mayBuy = useMay('licences.buy');
  if (prices.data?.enforced === false) return <NotNeeded />;
  return (
    <>
      <PageHead
        title={renew === undefined ? t('licence.buyTitle') : t('licence.renewTitle')}
        over={<Link to="/licences">{t('licence.title')}</Link>}
      />
      <MayNotBuy />
      <div className="columns">
        <Section id="considerations" title={t('licence.considerations')}>
          <Read query={considerations} lines={6}>
            {({ items }) => (
              <dl className="considerations" lang="en">
                {items.map(({ title, text }) => (
                  <div key={title}>
                    <dt>{title}</dt>
                    <dd>{text}</dd>
                  </div>
                ))}
              </dl>
            )}
          </Read>
        </Section>
        {mayBuy ? (
          <Section id="order" title={t('licence.order')}>
            <Read query={prices} lines={3}>
              {(terms) =>
                renew === undefined ? (
                  <OrderForm prices={terms} />
                ) : (
                  <Read query={renewed} lines={2}>
                    {(order) => <OrderForm prices={terms} renews={order} />}
                  </Read>
                )
              }
            </Read>
          </Section>
        ) : null}
      </div>
    </>
  );
};

const OrderForm = ({ prices, renews }: { readonly prices: Prices; readonly renews?: Order }): ReactElement => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [read, setRead] = useState(false);
  const { price, cards, wireMinimum } = prices;
  const form = useForm({
    initial: { quantity: renews === undefined ? '10' : String(renews.quantity), payment: cards === 'none' ? 'wire' : 'card', coupon: '' },
    required: ['quantity'],
    send: async (values) => {
      const paying = {
        payment: values.payment === 'wire' ? ('wire' as const) : ('card' as const),
        ...(price === null ? {} : { priceVersion: price.version }),
        ...(values.coupon.trim() === '' ? {} : { coupon: values.coupon.trim() }),
      };
      const placed =
        renews === undefined
          ? client.placeOrder({ body: { quantity: Number(values.quantity), ...paying } })
          : client.renewOrder({ params: { orderId: renews.orderId }, body: paying });
      const { id, stream, version } = await placed.catch(async (error: unknown) => {
        // A new price list may be why; it is shown before anybody orders again.
        await queries.invalidateQueries({ queryKey: ['prices'] });
        throw error;
      });
      await client.getOrder({ params: { orderId: id }, query: { atLeast: `${stream}:${version}` } });
      await queries.invalidateQueries({ queryKey: ['licences'] });
      await navigate({ to: '/licences/orders/$orderId', params: { orderId: id } });
    },
  });
  const { quantity, payment, coupon } = form.values;
  const wanted = Number(quantity);
  const isNumber = Number.isInteger(wanted) && wanted > 0;
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void form.submit();
  };
  const options = `${payment === 'wire' ? ' --payment wire' : ''}${coupon.trim() === '' ? '' : ` --coupon ${shellWord(coupon.trim())}`} --yes`;
  const command =
    renews === undefined ? `pstream licence buy ${isNumber ? wanted : 'QUANTITY'}` : `pstream licence renew ${renews.orderId}`;
  return (
    <form className="fields" onSubmit={onSubmit} noValidate>
      {renews === undefined ? (
        <FormField form={form} name="quantity" label={t('licence.quantity')} type="number" required />
      ) : (
        <p>{t('licence.renews', { count: renews.quantity, licences: count(renews.quantity) })}</p>
      )}
      <FormField
        form={form}
        name="payment"
        label={t('licence.payment')}
        hint={payment === 'wire' ? t('licence.wireHint') : t(cards === 'stripe' ? 'licence.stripeHint' : 'licence.trialHint')}
        options={[
          ...(cards === 'none' ? [] : [['card', t('licence.card')] as const]),
          ['wire', t('licence.wireFrom', { minimum: count(wireMinimum) })],
        ]}
      />
      {price === null ? null : <FormField form={form} name="coupon" label={t('licence.coupon')} hint={t('licence.couponHint')} />}
      <p className="sum" aria-live="polite">
        <strong>{price === null || !isNumber ? t('licence.noPrice') : money(wanted * price.unitMinor, price.currency)}</strong>
        {price === null ? null : (
          <span className="quiet">
            {t('licence.unit', { price: money(price.unitMinor, price.currency), currency: price.currency, version: price.version })}
          </span>
        )}
      </p>
      <Checkbox label={t('licence.read')} checked={read} onChange={(_event, { checked }) => setRead(checked === true)} />
      <Command command={`${command}${options}`} />
      {form.error === undefined ? null : <Failure error={form.error} />}
      <div className="row-actions">
        <Button type="submit" appearance="primary" disabled={!read || form.busy || !isNumber}>
          {t(payment === 'card' && cards === 'stripe' ? 'licence.goToPay' : 'licence.placeOrder')}
        </Button>
        <Link to="/licences">{t('cancel')}</Link>
      </div>
    </form>
  );
};
