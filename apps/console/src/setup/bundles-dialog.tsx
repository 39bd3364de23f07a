import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { licencesQuery, queries } from '../api/queries.js';
import { Command } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { count } from '../parts/format.js';
import { Failure } from '../parts/states.js';
import { shellWord } from '../parts/shell-word.js';
import type { Row } from '../project/views.js';

type Operation = AnswerOf<'applyBundles'>;
type Step =
  | { readonly is: 'asking' | 'running' }
  | { readonly is: 'over'; readonly operation: Operation }
  | { readonly is: 'failed'; readonly error: unknown };

const WAIT_SECONDS = 10;
const MOST_NAMED = 20;

type Props = { readonly customerId: string; readonly rows: readonly Row[]; readonly onClose: () => void };

/** Applies a bundle to the user of each selected mailbox: all or none. Users who have one keep it. */
export const BundlesDialog = ({ customerId, rows, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const licences = useQuery(licencesQuery);
  const [step, setStep] = useState<Step>({ is: 'asking' });
  const [users] = useState(() => [...new Set(rows.map(({ source }) => source))]);
  const left = licences.data === undefined ? undefined : licences.data.released - licences.data.applied;
  const asking = step.is === 'asking' || step.is === 'failed';
  const go = async (): Promise<void> => {
    setStep({ is: 'running' });
    try {
      let operation = await client.applyBundles({ params: { customerId }, body: { users } });
      while (operation.state !== 'finished' && operation.state !== 'failed')
        operation = await client.getOperation({ params: { operationId: operation.operationId }, waitSeconds: WAIT_SECONDS });
      await queries.invalidateQueries({ queryKey: ['licences'] });
      setStep({ is: 'over', operation });
    } catch (error) {
      setStep({ is: 'failed', error });
    }
  };
  const named = users.length > MOST_NAMED ? '--file users.txt' : users.map(shellWord).join(' ');
  return (
    <ActionFrame
      title={t('setup.bundles.title', { count: users.length, users: count(users.length) })}
      asks={asking}
      action={t('setup.bundles.apply')}
      go={go}
      onClose={onClose}
    >
      {asking ? (
        <>
          <p>{t('setup.bundles.about')}</p>
          {left === undefined ? null : <p>{t('setup.bundles.left', { count: left, left: count(left) })}</p>}
          <Command command={`pstream licence apply ${customerId} ${named}`} />
        </>
      ) : null}
      {step.is === 'running' ? <p role="status">{t('act.sending')}</p> : null}
      {step.is === 'failed' ? <Failure error={step.error} /> : null}
      {step.is === 'over' ? <Over operation={step.operation} /> : null}
    </ActionFrame>
  );
};

const Over = ({ operation: { accepted, rejected, cause } }: { readonly operation: Operation }): ReactElement => {
  const { t } = useTranslation();
  if (cause !== null)
    return (
      <p role="status">
        <strong>{cause.title}.</strong> {cause.detail} <code>{cause.code}</code>
      </p>
    );
  return (
    <p role="status">
      {t('setup.bundles.applied', { count: accepted, users: count(accepted) })}{' '}
      {rejected === 0 ? '' : t('act.refused', { count: rejected, mailboxes: count(rejected) })}
    </p>
  );
};
