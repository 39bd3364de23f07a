import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { shellWord } from '../parts/shell-word.js';

type Props = {
  /** Instead of going to the customer. */
  readonly onAdded?: (customerId: string) => void;
  readonly onClose: () => void;
};

/** Creates a customer, and goes to it. */
export const CustomerDialog = ({ onAdded, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useForm({
    initial: { name: '' },
    required: ['name'],
    send: async ({ name }) => {
      const { id, stream, version } = await client.createCustomer({ body: { name } });
      // The page that comes next must find it.
      await client.getCustomer({ params: { customerId: id }, query: { atLeast: `${stream}:${version}` } });
      await queries.invalidateQueries({ queryKey: ['customers'] });
      onClose();
      if (onAdded !== undefined) return onAdded(id);
      await navigate({ to: '/customers/$customerId', params: { customerId: id } });
    },
  });
  return (
    <FormDialog
      title={t('setup.addCustomer')}
      form={form}
      submit={t('setup.add')}
      command={`pstream customer create ${shellWord(form.values.name || 'NAME')}`}
      onClose={onClose}
    >
      <FormField form={form} name="name" label={t('setup.name')} required />
    </FormDialog>
  );
};
