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
type Rows = Awaited<ReturnType<typeof rowsOf>>;
/** How far a dialog is that asks for something over many mailboxes. */
export type Step =
  | { readonly is: 'asking' }
  | { readonly is: 'running'; readonly operation: Operation | undefined }
  | { readonly is: 'over'; readonly operation: Operation; readonly refused: Rows; readonly renamed: Rows }
  | { readonly is: 'failed'; readonly error: unknown };

const WAIT_SECONDS = 2;

type Options = { readonly after?: (operation: Operation) => Promise<unknown>; readonly renames?: boolean };

/** Asks for an operation, follows it to its end, and reads what it refused, and what it gave another name where it may; then `after`. */
export const useOperation = (
  request: () => Promise<Operation>,
  { after, renames = false }: Options = {},
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
      const accepted = renames ? await rowsOf(client, operation, 'accepted') : [];
      await after?.(operation);
      setStep({ is: 'over', operation, refused, renamed: accepted.filter((row) => row.renamed !== null) });
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
  if (step.is === 'over') return <Over {...step} done={inWords(step.operation.accepted)} />;
  return step.is === 'failed' ? <Failure error={step.error} /> : null;
};

const MOST_SHOWN = 50;

type Named = { readonly source: string; readonly mailboxJobId: string; readonly renamed?: string | null };
const named = ({ source, mailboxJobId, row, renamed }: Rows[number]): Named => ({
  source,
  mailboxJobId: mailboxJobId ?? String(row),
  renamed,
});

/** Mailboxes or users by name, with the PST name that one was given; of many, the first. */
export const Names = ({ rows }: { readonly rows: readonly Named[] }): ReactElement => {
  const { t } = useTranslation();
  return (
    <ul className="names">
      {rows.slice(0, MOST_SHOWN).map(({ source, mailboxJobId, renamed = null }) => (
        <li key={mailboxJobId}>
          <Name>{source}</Name>
          {renamed === null ? null : (
            <>
              : <Name>{renamed}</Name>
            </>
          )}
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

type OverProps = Omit<Extract<Step, { readonly is: 'over' }>, 'is'> & { readonly done: string };

const Over = ({ operation, refused, renamed, done }: OverProps): ReactElement => {
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
      {renamed.length === 0 ? null : (
        <details open>
          <summary>{t('act.renamed', { count: renamed.length, mailboxes: count(renamed.length) })}</summary>
          <Names rows={renamed.map(named)} />
        </details>
      )}
      {[...byReason].map(([code, rows]) => (
        <details key={code} open>
          <summary>
            {t('act.refused', { count: rows.length, mailboxes: count(rows.length) })} {rows[0]?.reason?.title} <code>{code}</code>
          </summary>
          <p>{rows[0]?.reason?.detail}</p>
          <Names rows={rows.map(named)} />
        </details>
      ))}
      <p className="quiet">
        {t('act.operation')} <Copyable text={operation.operationId} label={t('act.operation')} />
      </p>
    </div>
  );
};
