import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { customersQuery, licencesQuery, meQuery } from '../api/queries.js';
import { CliButton, Link, Name, PageHead, Section, useNowMs } from '../parts/basics.js';
import { count, moment } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { Coupons } from './coupons.js';
import { money } from './money.js';
import { ORDER_LOOKS, orderState, SOON_DAYS, type Order } from './orders.js';
import { pricesQuery } from './queries.js';

const MINUTE_MS = 60_000;

/** Licences and orders: how many there are, and what each order has come to. */
export const LicencesPage = (): ReactElement => {
  const { t } = useTranslation();
  const prices = useQuery(pricesQuery);
  const licences = useQuery(licencesQuery);
  const mayBuy = useMay('licences.buy');
  const mayRunSystem = useMay('system');
  const navigate = useNavigate();
  if (prices.data?.enforced === false) return <NotNeeded />;
  return (
    <>
      <PageHead title={t('licence.title')} updatedAtMs={licences.dataUpdatedAt}>
        {mayBuy ? (
          <Button size="small" appearance="primary" onClick={() => void navigate({ to: '/licences/buy' })}>
            {t('licence.buy')}…
          </Button>
        ) : null}
        <CliButton command="pstream licence list" />
      </PageHead>
      <StaleBar updatedAtMs={licences.dataUpdatedAt} />
      <Read query={licences}>
        {({ released, applied, orders }) => (
          <>
            <MayNotBuy />
            <ul className="tiles">
              <Figure number={released - applied}>{t('licence.left')}</Figure>
              <Figure number={applied}>{t('licence.applied')}</Figure>
              <Figure number={released}>{t('licence.released')}</Figure>
            </ul>
            <EndSoon orders={orders} />
            <Section id="orders" title={t('licence.orders')} command="pstream licence orders">
              {orders.length === 0 ? (
                <Empty title={t('licence.none')}>
                  <p>{t('licence.noneNext')}</p>
                </Empty>
              ) : (
                <Orders orders={orders} />
              )}
            </Section>
            <Applied />
            {mayRunSystem ? <Coupons currency={prices.data?.price?.currency} /> : null}
          </>
        )}
      </Read>
    </>
  );
};

/** With licences off there is nothing to buy; an address kept from before says so. */
export const NotNeeded = (): ReactElement => {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('licence.title')} />
      <section className="card" aria-label={t('licence.title')}>
        <Empty title={t('licence.notNeeded')}>
          <Link to="/">{t('nav.overview')}</Link>
        </Empty>
      </section>
    </>
  );
};

/** Says why nothing can be bought, to those who may not. */
export const MayNotBuy = (): ReactElement | null => {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  if (me.data === undefined || me.data.rights.includes('licences.buy')) return null;
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>{t('licence.viewOnly', { role: t(`role.${me.data.role}`) })}</MessageBarBody>
    </MessageBar>
  );
};

const Figure = ({ number, children }: { readonly number: number; readonly children: string }): ReactElement => (
  <li className="tile">
    <strong>{count(number)}</strong>
    <span>{children}</span>
  </li>
);

/** Points out licences that end before long. */
const EndSoon = ({ orders }: { readonly orders: readonly Order[] }): ReactElement | null => {
  const { t } = useTranslation();
  const nowMs = useNowMs(MINUTE_MS);
  const soon = orders.filter((order) => orderState(order, nowMs) === 'ends-soon');
  if (soon.length === 0) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        {t('licence.endSoon', { count: soon.length, orders: count(soon.length), days: SOON_DAYS })}{' '}
        {soon.map(({ orderId, expiresAt }) => (
          <Link key={orderId} to="/licences/orders/$orderId" params={{ orderId }} className="pair">
            {expiresAt === null ? orderId : moment(expiresAt)}
          </Link>
        ))}
      </MessageBarBody>
    </MessageBar>
  );
};

/** The state of an order, as a sign and a word. */
export const OrderChip = ({ order }: { readonly order: Order }): ReactElement => {
  const { t } = useTranslation();
  const state = orderState(order, useNowMs(MINUTE_MS));
  const [sign, tone] = ORDER_LOOKS[state];
  return <Chip sign={sign} tone={tone} word={t(`licence.state.${state}`)} />;
};

/** What an order costs; without a price, that there is none. */
export const Amount = ({ order: { dueMinor, price } }: { readonly order: Order }): ReactElement => {
  const { t } = useTranslation();
  return <>{dueMinor === null || price === null ? t('licence.noPrice') : money(dueMinor, price.currency)}</>;
};

const Orders = ({ orders }: { readonly orders: readonly Order[] }): ReactElement => {
  const { t } = useTranslation();
  return (
    <div className="scrolls" role="region" aria-label={t('licence.orders')} tabIndex={0}>
      <table className="list stack">
        <thead>
          <tr>
            <th scope="col">{t('licence.placed')}</th>
            <th scope="col">{t('licence.status')}</th>
            <th scope="col" className="number">
              {t('licence.quantity')}
            </th>
            <th scope="col" className="number">
              {t('licence.due')}
            </th>
            <th scope="col">{t('licence.payment')}</th>
            <th scope="col">{t('licence.ends')}</th>
          </tr>
        </thead>
        <tbody>
          {orders.toReversed().map((order) => (
            <tr key={order.orderId}>
              <th scope="row">
                <Link to="/licences/orders/$orderId" params={{ orderId: order.orderId }}>
                  {moment(order.placedAt)}
                </Link>
                {order.renews === null ? null : <span className="quiet"> {t('licence.renewal')}</span>}
              </th>
              <td>
                <OrderChip order={order} />
              </td>
              <td className="number" data-label={t('licence.quantity')}>
                {count(order.quantity)}
              </td>
              <td className="number" data-label={t('licence.due')}>
                <Amount order={order} />
              </td>
              <td data-label={t('licence.payment')}>{t(order.payment === 'wire' ? 'licence.wire' : 'licence.card')}</td>
              <td data-label={t('licence.ends')}>{order.expiresAt === null ? '–' : moment(order.expiresAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

/** Where licences are applied: to the users of a customer. */
const Applied = (): ReactElement => {
  const { t } = useTranslation();
  const customers = useQuery(customersQuery);
  return (
    <Section id="applied" title={t('licence.applyTitle')}>
      <p>{t('licence.applyWhere')}</p>
      <Read query={customers} lines={1}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{t('customers.none')}</p>
          ) : (
            <ul className="plain">
              {items.map(({ customerId, name }) => (
                <li key={customerId}>
                  <Link to="/customers/$customerId" params={{ customerId }} hash="bundles">
                    <Name>{name}</Name>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Section>
  );
};
