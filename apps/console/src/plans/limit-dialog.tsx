import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { FormCheck, FormDialog, FormField, useForm } from '../parts/form.js';

type Props = {
  readonly title: string;
  readonly about: string;
  /** The command that does the same, with a number or `none`. */
  readonly command: (limit: string) => string;
  readonly send: (maxMailboxes: number | null) => Promise<unknown>;
  readonly onClose: () => void;
};

/** Sets how many mailboxes are at work at once, or that there is no limit. */
export const LimitDialog = ({ title, about, command, send, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: { maxMailboxes: '', unlimited: '' },
    // The limit of now is not shown, so a blank field must not take it away.
    required: ({ unlimited }) => (unlimited === 'yes' ? [] : ['maxMailboxes']),
    send: async ({ maxMailboxes, unlimited }) => {
      await send(unlimited === 'yes' ? null : Number(maxMailboxes));
      onClose();
    },
  });
  const { maxMailboxes, unlimited } = form.values;
  return (
    <FormDialog
      title={title}
      form={form}
      submit={t('people.save')}
      command={command(unlimited === 'yes' ? 'none' : maxMailboxes.trim() || 'MAILBOXES')}
      onClose={onClose}
    >
      <p>{about}</p>
      {unlimited === 'yes' ? null : <FormField form={form} name="maxMailboxes" label={t('people.most')} type="number" required />}
      <FormCheck form={form} name="unlimited" label={t('people.unlimited')} />
    </FormDialog>
  );
};
