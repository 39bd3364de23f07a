import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog, FormField, useForm } from '../parts/form.js';

type Props = {
  readonly title: string;
  readonly about: string;
  readonly now?: number | null;
  /** The command that does the same, with a number or `none`. */
  readonly command: (limit: string) => string;
  readonly send: (maxMailboxes: number | null) => Promise<unknown>;
  readonly onClose: () => void;
};

/** Sets how many mailboxes are at work at once, or that there is no limit. */
export const LimitDialog = ({ title, about, now, command, send, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: { maxMailboxes: now === undefined || now === null ? '' : String(now) },
    required: [],
    send: async ({ maxMailboxes }) => {
      await send(maxMailboxes.trim() === '' ? null : Number(maxMailboxes));
      onClose();
    },
  });
  const limit = form.values.maxMailboxes.trim();
  return (
    <FormDialog title={title} form={form} submit={t('people.save')} command={command(limit === '' ? 'none' : limit)} onClose={onClose}>
      <p>{about}</p>
      <FormField form={form} name="maxMailboxes" label={t('people.most')} hint={t('people.mostHint')} type="number" />
    </FormDialog>
  );
};
