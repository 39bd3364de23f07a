import { Field, ProgressBar, Select, Spinner } from '@fluentui/react-components';
import { allPages } from '@pstream/api/client';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { Command, Copyable, Name } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { count } from '../parts/format.js';
import { groupBy } from '../parts/group-by.js';
import { Failure } from '../parts/states.js';
import { AGES, commandOf, previewOf, selectionOf, type Action, type Age } from './actions.js';
import type { Row } from './views.js';

type Operation = AnswerOf<'getOperation'>;
type Refused = AnswerOf<'listOperationRows'>['items'];
/** How far the dialog is. */
type Step =
  | { readonly is: 'asking' }
  | { readonly is: 'running'; readonly operation: Operation | undefined }
  | { readonly is: 'over'; readonly operation: Operation; readonly refused: Refused }
  | { readonly is: 'failed'; readonly error: unknown };

const WAIT_SECONDS = 2;

/** Sends the action; the gateway carries it out in the background. */
const request = (action: Action, projectId: string, mailboxes: ReturnType<typeof selectionOf>, olderThanDays: Age): Promise<Operation> => {
  const params = { projectId };
  if (action === 'stop') return client.stopPasses({ params, body: { mailboxes } });
  if (action === 'resume') return client.resumePasses({ params, body: { mailboxes } });
  if (action === 'pre-stage') return client.startPasses({ params, body: { kind: action, mailboxes, olderThanDays } });
  return client.startPasses({ params, body: { kind: action, mailboxes } });
};

export type ActionDialogProps = {
  readonly action: Action;
  readonly projectId: string;
  readonly selected: readonly Row[];
  /** Mailboxes of the whole project. */
  readonly total: number;
  readonly onClose: () => void;
};

/** Shows what an action will do and what it will leave out, does it, and shows what became of each. */
export const ActionDialog = ({ action, projectId, selected, total, onClose }: ActionDialogProps): ReactElement => {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>({ is: 'asking' });
  // What was selected when the dialog opened is what it acts on, whatever changes meanwhile.
  const [{ rows, left }] = useState(() => previewOf(action, selected));
  const [age, setAge] = useState<Age>(AGES[2]);
  const everyRow = rows.length === total && left.size === 0;

  const asking = step.is === 'asking' || step.is === 'failed';

  const go = async (): Promise<void> => {
    setStep({ is: 'running', operation: undefined });
    try {
      let operation = await request(action, projectId, selectionOf(rows, everyRow), age);
      while (operation.state !== 'finished' && operation.state !== 'failed') {
        setStep({ is: 'running', operation });
        operation = await client.getOperation({ params: { operationId: operation.operationId }, waitSeconds: WAIT_SECONDS });
      }
      const { operationId, rejected } = operation;
      const refused =
        rejected === 0
          ? []
          : (await allPages((query) => client.listOperationRows({ params: { operationId }, query: { ...query, outcome: 'rejected' } })))
              .items;
      setStep({ is: 'over', operation, refused });
    } catch (error) {
      setStep({ is: 'failed', error });
    }
  };

  return (
    <ActionFrame
      title={t('act.title', { action: t(`action.${action}`), count: rows.length, mailboxes: count(rows.length) })}
      asks={asking}
      action={t(`action.${action}`)}
      disabled={rows.length === 0}
      go={go}
      onClose={onClose}
    >
      {asking ? (
        <>
          <p>{t(`act.about.${action}`)}</p>
          {action === 'pre-stage' ? (
            <Field label={t('act.age')}>
              <Select value={String(age)} onChange={(_event, { value }) => setAge(AGES.find((days) => String(days) === value) ?? age)}>
                {AGES.map((days) => (
                  <option key={days} value={days}>
                    {t('act.days', { days })}
                  </option>
                ))}
              </Select>
            </Field>
          ) : null}
          {[...left].map(([reason, members]) => (
            <details key={reason}>
              <summary>
                {t('act.leftOut', { count: members.length, mailboxes: count(members.length), why: t(`act.why.${reason}`) })}
              </summary>
              <Names rows={members} />
            </details>
          ))}
          {rows.length === 0 ? <p>{t('act.nothing')}</p> : <Command command={commandOf(action, projectId, rows, everyRow, age)} />}
          {rows.length > 20 && !everyRow ? <p className="quiet">{t('act.file')}</p> : null}
          {step.is === 'failed' ? <Failure error={step.error} /> : null}
        </>
      ) : null}
      {step.is === 'running' ? <Running operation={step.operation} /> : null}
      {step.is === 'over' ? <Over operation={step.operation} refused={step.refused} /> : null}
    </ActionFrame>
  );
};

const MOST_SHOWN = 50;

const Names = ({ rows }: { readonly rows: readonly Pick<Row, 'source' | 'mailboxJobId'>[] }): ReactElement => {
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

const Over = ({ operation, refused }: { readonly operation: Operation; readonly refused: Refused }): ReactElement => {
  const { t } = useTranslation();
  const byReason = groupBy(refused, ({ reason }) => reason?.code ?? '');
  return (
    <div role="status">
      {operation.cause === null ? (
        <p>{t('act.accepted', { count: operation.accepted, mailboxes: count(operation.accepted) })}</p>
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
