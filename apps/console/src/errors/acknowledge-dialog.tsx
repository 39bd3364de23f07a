import { Field, ProgressBar, Textarea } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { Command } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { shellWord } from '../parts/shell-word.js';
import { count } from '../parts/format.js';
import { Failure } from '../parts/states.js';
import type { ErrorGroup } from './group.js';

type Step =
  | { readonly is: 'asking' }
  | { readonly is: 'running'; readonly done: number }
  | { readonly is: 'over'; readonly items: number }
  | { readonly is: 'failed'; readonly done: number; readonly items: number; readonly error: unknown };

const LONGEST = 500;

/** Records that somebody accepts the open errors of a group, and why. Mailbox by mailbox; what was done stays done if one fails. */
export const AcknowledgeDialog = ({ group, onClose }: { readonly group: ErrorGroup; readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const [step, setStep] = useState<Step>({ is: 'asking' });
  const { code, outcome } = group;
  const [mailboxes] = useState(() => [
    ...new Set(group.items.filter(({ state }) => state === 'open').map(({ mailboxJobId }) => mailboxJobId)),
  ]);
  const asking = step.is === 'asking' || step.is === 'failed';

  const go = async (): Promise<void> => {
    const given = reason.trim();
    setMissing(given === '');
    if (given === '') return;
    let { done, items } = step.is === 'failed' ? step : { done: 0, items: 0 };
    try {
      for (; done < mailboxes.length; done++) {
        setStep({ is: 'running', done });
        const { acknowledged } = await client.acknowledgeMailboxErrors({
          params: { mailboxJobId: mailboxes[done] ?? '' },
          body: { errors: { code, outcome }, reason: given },
        });
        items += acknowledged;
      }
      setStep({ is: 'over', items });
    } catch (error) {
      setStep({ is: 'failed', done, items, error });
    }
  };

  return (
    <ActionFrame
      title={t('ack.title', { count: group.open, items: count(group.open) })}
      asks={asking}
      action={t('errors.acknowledge')}
      go={go}
      onClose={onClose}
    >
      {asking ? (
        <>
          <p>
            <code>{code}</code> {t('ack.about')}
          </p>
          <Field
            label={t('ack.reason')}
            required
            {...(missing ? { validationMessage: t('ack.missing'), validationState: 'error' as const } : {})}
            hint={t('ack.hint')}
          >
            <Textarea value={reason} maxLength={LONGEST} onChange={(_event, { value }) => setReason(value)} />
          </Field>
          <Command
            command={`pstream mailbox acknowledge ${mailboxes[0] ?? ''} --outcome ${outcome} --code ${code} --reason ${shellWord(reason.trim() === '' ? '…' : reason.trim())}`}
          />
          {mailboxes.length > 1 ? <p className="quiet">{t('ack.each', { count: mailboxes.length })}</p> : null}
          {step.is === 'failed' ? <Failure error={step.error} /> : null}
        </>
      ) : null}
      {step.is === 'running' ? (
        <div role="status">
          <p>{t('ack.running', { done: count(step.done), total: count(mailboxes.length) })}</p>
          <ProgressBar value={step.done / mailboxes.length} aria-label={t('act.sending')} />
        </div>
      ) : null}
      {step.is === 'over' ? <p role="status">{t('ack.over', { count: step.items, items: count(step.items) })}</p> : null}
    </ActionFrame>
  );
};
