import { ProgressBar, Spinner } from '@fluentui/react-components';
import { rowsOf } from '@pstream/api/client';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { Copyable, Name } from './basics.js';
import { count } from './format.js';
import { groupBy } from './group-by.js';
import { Failure } from './states.js';

export type Operation = AnswerOf<'getOperation'>;
type Refused = Awaited<ReturnType<typeof rowsOf>>;
/** How far a dialog is that asks for something over many mailboxes. */
export type Step =
  | { readonly is: 'asking' }
  | { readonly is: 'running'; readonly operation: Operation | undefined }
  | { readonly is: 'over'; readonly operation: Operation; readonly refused: Refused }
  | { readonly is: 'failed'; readonly error: unknown };

const WAIT_SECONDS = 2;

/** Asks for an operation, follows it to its end, and reads what it refused; then `after`. */
export const useOperation = (
  request: () => Promise<Operation>,
  after?: (operation: Operation) => Promise<unknown>,
): { readonly step: Step; readonly go: () => Promise<void> } => {
  const [step, setStep] = useState<Step>({ is: 'asking' });
  const go = async (): Promise<void> => {
    setStep({ is: 'running', operation: undefined });
    try {
      let operation = await request();
      while (operation.state !== 'finished' && operation.state !== 'failed') {
        setStep({ is: 'running', operation });
        operation = await client.getOperation({ params: { operationId: operation.operationId }, waitSeconds: WAIT_SECONDS });
      }
      const refused = await rowsOf(client, operation, 'rejected');
      await after?.(operation);
      setStep({ is: 'over', operation, refused });
    } catch (error) {
      setStep({ is: 'failed', error });
    }
  };
  return { step, go };
};

type StepProps = {
  readonly step: Step;
  /** What was done, in words. */
  readonly done?: (accepted: number) => string;
};

/** How far it is, what became of it, or why it was not taken. */
export const OperationStep = ({ step, done }: StepProps): ReactElement | null => {
  const { t } = useTranslation();
  const inWords = done ?? ((accepted) => t('act.accepted', { count: accepted, mailboxes: count(accepted) }));
  if (step.is === 'running') return <Running operation={step.operation} />;
  if (step.is === 'over') return <Over operation={step.operation} refused={step.refused} done={inWords(step.operation.accepted)} />;
  return step.is === 'failed' ? <Failure error={step.error} /> : null;
};

const MOST_SHOWN = 50;

/** Mailboxes or users by name; of many, the first. */
export const Names = ({ rows }: { readonly rows: readonly { readonly source: string; readonly mailboxJobId: string }[] }): ReactElement => {
  const { t } = useTranslation();
  return (
    <ul className="names">
      {rows.slice(0, MOST_SHOWN).map(({ source, mailboxJobId }) => (
        <li key={mailboxJobId}>
          <Name>{source}</Name>
        </li>
      ))}
      {rows.length > MOST_SHOWN ? <li>{t('act.more', { count: rows.length - MOST_SHOWN })}</li> : null}
    </ul>
  );
};

const Running = ({ operation }: { readonly operation: Operation | undefined }): ReactElement => {
  const { t } = useTranslation();
  if (operation?.total === null || operation === undefined) return <Spinner label={t('act.sending')} />;
  const { done, total, progress } = operation;
  return (
    <div role="status">
      <p>{t('act.running', { done: count(done), total: count(total) })}</p>
      <ProgressBar value={progress} aria-label={t('act.sending')} />
      <p className="quiet">{t('act.mayClose')}</p>
    </div>
  );
};

type OverProps = { readonly operation: Operation; readonly refused: Refused; readonly done: string };

const Over = ({ operation, refused, done }: OverProps): ReactElement => {
  const { t } = useTranslation();
  const byReason = groupBy(refused, ({ reason }) => reason?.code ?? '');
  return (
    <div role="status">
      {operation.cause === null ? (
        <p>{done}</p>
      ) : (
        <p>
          <strong>{operation.cause.title}.</strong> {operation.cause.detail} <code>{operation.cause.code}</code>
        </p>
      )}
      {[...byReason].map(([code, rows]) => (
        <details key={code} open>
          <summary>
            {t('act.refused', { count: rows.length, mailboxes: count(rows.length) })} {rows[0]?.reason?.title} <code>{code}</code>
          </summary>
          <p>{rows[0]?.reason?.detail}</p>
          <Names rows={rows.map(({ source, mailboxJobId, row }) => ({ source, mailboxJobId: mailboxJobId ?? String(row) }))} />
        </details>
      ))}
      <p className="quiet">
        {t('act.operation')} <Copyable text={operation.operationId} label={t('act.operation')} />
      </p>
    </div>
  );
};
