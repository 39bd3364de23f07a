import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { shellWord } from '../parts/shell-word.js';
import type { Order, OrderStep } from './orders.js';

type Props = { readonly order: Order; readonly step: Exclude<OrderStep, 'renew'>; readonly onClose: () => void };

/** Cancels or refunds an order, or records the money of a wire transfer. */
export const OrderDialog = ({ order, step, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const { orderId } = order;
  const params = { orderId };
  // A card refund has a reference only where it failed and somebody made it by hand.
  const isAsked = step === 'record-payment' || (step === 'refund' && (order.payment === 'wire' || order.status === 'refund-failed'));
  const isNeeded = step === 'record-payment' || (step === 'refund' && order.payment === 'wire');
  const form = useForm({
    initial: { reference: '' },
    required: isNeeded ? ['reference'] : [],
    send: async ({ reference }) => {
      const { stream, version } = await (step === 'cancel'
        ? client.cancelOrder({ params })
        : step === 'refund'
          ? client.refundOrder({ params, body: reference.trim() === '' ? {} : { reference } })
          : client.recordPayment({ params, body: { reference } }));
      queries.setQueryData(['order', orderId], await client.getOrder({ params, query: { atLeast: `${stream}:${version}` } }));
      await queries.invalidateQueries({ queryKey: ['licences'] });
      onClose();
    },
  });
  const reference = form.values.reference.trim() === '' ? 'REFERENCE' : shellWord(form.values.reference.trim());
  const command = {
    'record-payment': `pstream licence record-payment ${orderId} ${reference}`,
    cancel: `pstream licence cancel ${orderId} --yes`,
    refund: `pstream licence refund ${orderId}${isNeeded || form.values.reference.trim() !== '' ? ` --reference ${reference}` : ''} --yes`,
  };
  return (
    <FormDialog title={t(`licence.step.${step}`)} form={form} submit={t(`licence.step.${step}`)} command={command[step]} onClose={onClose}>
      <p>{t(`licence.about.${step}`)}</p>
      {isAsked ? (
        <FormField
          form={form}
          name="reference"
          label={t('licence.reference')}
          hint={t(step === 'refund' ? 'licence.refundReference' : 'licence.paymentReference')}
          required={isNeeded}
        />
      ) : null}
    </FormDialog>
  );
};
