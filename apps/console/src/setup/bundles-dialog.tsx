import { Field, Textarea } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { licencesQuery, queries } from '../api/queries.js';
import { usersIn } from '../licences/orders.js';
import { Command } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { count } from '../parts/format.js';
import { OperationStep, useOperation } from '../parts/operation.js';
import { namedOrFile } from '../parts/shell-word.js';

type Props = {
  readonly customerId: string;
  /** Whom they are for; absent, the dialog asks. */
  readonly users?: readonly string[];
  readonly onClose: () => void;
};

/** Applies a bundle to each user: all or none. Users who have one keep it. */
export const BundlesDialog = ({ customerId, users: given, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const licences = useQuery(licencesQuery);
  const [text, setText] = useState('');
  // What was selected when the dialog opened is what it acts on, whatever changes meanwhile.
  const [kept] = useState(given);
  const users = [...new Set(kept ?? usersIn(text))];
  const left = licences.data === undefined ? undefined : licences.data.released - licences.data.applied;
  const { step, go } = useOperation(() => client.applyBundles({ params: { customerId }, body: { users } }), {
    after: async () => {
      await queries.invalidateQueries({ queryKey: ['licences'] });
      await queries.invalidateQueries({ queryKey: ['bundles', customerId] });
    },
  });
  const asking = step.is === 'asking' || step.is === 'failed';
  const named = namedOrFile(users, 'users.txt') || 'ADDRESS';
  return (
    <ActionFrame
      title={kept === undefined ? t('licence.applyTitle') : t('setup.bundles.title', { count: users.length, users: count(users.length) })}
      asks={asking}
      action={t('setup.bundles.apply')}
      disabled={users.length === 0}
      go={go}
      onClose={onClose}
    >
      {asking ? (
        <>
          <p>{t('setup.bundles.about')}</p>
          {left === undefined ? null : <p>{t('setup.bundles.left', { count: left, left: count(left) })}</p>}
          {kept !== undefined ? null : (
            <Field
              label={t('licence.addresses')}
              hint={t('licence.addressesHint', { count: users.length, users: count(users.length) })}
              required
            >
              <Textarea value={text} rows={5} spellCheck={false} onChange={(_event, { value }) => setText(value)} />
            </Field>
          )}
          <Command command={`pstream licence apply ${customerId} ${named}`} />
        </>
      ) : null}
      <OperationStep step={step} done={(accepted) => t('setup.bundles.applied', { count: accepted, users: count(accepted) })} />
    </ActionFrame>
  );
};
