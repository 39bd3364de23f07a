import { Button, MessageBar, MessageBarBody, Spinner } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { CliButton, Command, Copyable, Link, PageHead, Section, useNowMs } from '../parts/basics.js';
import { count, moment } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { Read, StaleBar } from '../parts/states.js';
import { OrderDialog } from './order-dialog.js';
import { orderState, stepsOf, type OrderStep } from './orders.js';
import { Amount, MayNotBuy, OrderChip } from './page.js';
import { orderQuery } from './queries.js';

type Shown = AnswerOf<'getOrder'>;
const route = getRouteApi('/licences/orders/$orderId');
const MINUTE_MS = 60_000;

/** An order: what it has come to, what comes next, and what can be done to it. */
export const OrderPage = (): ReactElement => {
  const { t } = useTranslation();
  const { orderId } = route.useParams();
  const order = useQuery(orderQuery(orderId));
  return (
    <>
      <PageHead
        title={
          order.data === undefined
            ? t('licence.order')
            : t('licence.orderOf', { count: order.data.quantity, licences: count(order.data.quantity) })
        }
        over={<Link to="/licences">{t('licence.title')}</Link>}
        updatedAtMs={order.dataUpdatedAt}
      >
        {order.data === undefined ? null : <Steps order={order.data} />}
        <CliButton command={`pstream licence show ${orderId}`} />
        <Copyable text={orderId} label={t('licence.orderId')} short />
      </PageHead>
      <StaleBar updatedAtMs={order.dataUpdatedAt} />
      <Read query={order}>
        {(data) => (
          <>
            <MayNotBuy />
            <Next order={data} />
            <Facts order={data} />
          </>
        )}
      </Read>
    </>
  );
};

const Steps = ({ order }: { readonly order: Shown }): ReactElement => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayBuy = useMay('licences.buy');
  const mayRecord = useMay('payments.record');
  const nowMs = useNowMs(MINUTE_MS);
  const endsSoon = orderState(order, nowMs) === 'ends-soon';
  const [asked, setAsked] = useState<Exclude<OrderStep, 'renew'> | undefined>();
  const allowed: Readonly<Record<OrderStep, boolean>> = { 'record-payment': mayRecord, cancel: mayBuy, refund: mayRecord, renew: mayBuy };
  return (
    <>
      {stepsOf(order, nowMs)
        .filter((step) => allowed[step])
        .map((step) => (
          <Button
            key={step}
            size="small"
            appearance={step === 'record-payment' || (step === 'renew' && endsSoon) ? 'primary' : 'secondary'}
            onClick={() => (step === 'renew' ? void navigate({ to: '/licences/buy', search: { renew: order.orderId } }) : setAsked(step))}
          >
            {t(`licence.step.${step}`)}…
          </Button>
        ))}
      {asked === undefined ? null : <OrderDialog order={order} step={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
};

/** What comes next for the order, and what somebody has to do for it. */
const Next = ({ order }: { readonly order: Shown }): ReactElement => {
  const { t } = useTranslation();
  const state = orderState(order, useNowMs(MINUTE_MS));
  if (state === 'awaiting-payment') return order.payment === 'wire' ? <Wire order={order} /> : <Card order={order} />;
  const intent = { released: 'success', failed: 'error', 'refund-failed': 'error', 'ends-soon': 'warning', expired: 'warning' } as const;
  return (
    <MessageBar intent={state in intent ? intent[state as keyof typeof intent] : 'info'} layout="multiline">
      <MessageBarBody>
        {order.renews !== null && state === 'released'
          ? t('licence.next.renewed')
          : t(order.payment === 'wire' && state === 'refunding' ? 'licence.next.refunding-wire' : `licence.next.${state}`)}{' '}
        {order.cause === null ? null : <code>{order.cause}</code>}
        {state === 'released' && order.renews === null ? (
          <Link to="/licences" hash="applied">
            {t('licence.applyTitle')}
          </Link>
        ) : null}
      </MessageBarBody>
    </MessageBar>
  );
};

const Wire = ({ order }: { readonly order: Shown }): ReactElement => {
  const { t } = useTranslation();
  return (
    <Section id="pay" title={t('licence.payByWire')}>
      <ol className="steps">
        <li>
          {t('licence.wireAmount')}{' '}
          <strong>
            <Amount order={order} />
          </strong>
        </li>
        <li>
          {t('licence.wireReference')} <Copyable text={order.orderId} label={t('licence.reference')} />
        </li>
        <li>{t('licence.wireThen')}</li>
      </ol>
      <p className="quiet">{t('licence.wireAccount')}</p>
      <Command command={`pstream licence record-payment ${order.orderId} REFERENCE`} />
    </Section>
  );
};

/** The payment page belongs to the provider: it opens beside this page, which follows the order. */
const Card = ({ order: { checkoutUrl } }: { readonly order: Shown }): ReactElement => {
  const { t } = useTranslation();
  const mayBuy = useMay('licences.buy');
  return (
    <Section id="pay" title={t('licence.payByCard')}>
      {!mayBuy ? (
        <p>{t('licence.payerOnly')}</p>
      ) : checkoutUrl === null || !/^https?:\/\//.test(checkoutUrl) ? (
        <Spinner size="tiny" labelPosition="after" label={t('licence.preparing')} />
      ) : (
        <>
          <p>{t('licence.payAt')}</p>
          <div className="row-actions">
            <Button as="a" appearance="primary" href={checkoutUrl} target="_blank" rel="noopener noreferrer">
              {t('licence.openPayment')}
            </Button>
            <Copyable text={checkoutUrl} label={t('licence.paymentPage')} short />
          </div>
          <p className="quiet">{t('licence.payAbout')}</p>
        </>
      )}
    </Section>
  );
};

const Facts = ({ order }: { readonly order: Shown }): ReactElement => {
  const { t } = useTranslation();
  const { price, coupon, renews, reference, expiresAt } = order;
  return (
    <section className="card" aria-label={t('licence.order')}>
      <dl className="facts">
        <Fact name={t('licence.status')}>
          <OrderChip order={order} />
        </Fact>
        <Fact name={t('licence.quantity')}>{count(order.quantity)}</Fact>
        <Fact name={t('licence.due')}>
          <Amount order={order} />
          {coupon === null ? null : <span className="quiet"> {t('licence.withCoupon', { coupon })}</span>}
        </Fact>
        <Fact name={t('licence.payment')}>{t(order.payment === 'wire' ? 'licence.wire' : 'licence.card')}</Fact>
        {price === null ? null : <Fact name={t('licence.priceList')}>{price.version}</Fact>}
        <Fact name={t('licence.placed')}>{moment(order.placedAt)}</Fact>
        <Fact name={t('licence.ends')}>{expiresAt === null ? '–' : moment(expiresAt)}</Fact>
        {reference === null ? null : (
          <Fact name={t('licence.reference')}>
            <Copyable text={reference} label={t('licence.reference')} />
          </Fact>
        )}
        {renews === null ? null : (
          <Fact name={t('licence.renewalOf')}>
            <Link to="/licences/orders/$orderId" params={{ orderId: renews }}>
              {renews}
            </Link>
          </Fact>
        )}
      </dl>
    </section>
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
