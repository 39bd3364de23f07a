import { Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { Command } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { count, moment } from '../parts/format.js';
import { instantOf } from '../parts/local-time.js';
import { Names, OperationStep, useOperation, type Operation } from '../parts/operation.js';
import { AGES, commandOf, mayRename, mayUpdate, previewOf, selectionOf, startsPass, type Action, type Age, type How } from './actions.js';
import type { Row } from './views.js';

/** Sends the action; the gateway carries it out in the background. */
const request = (
  action: Action,
  projectId: string,
  mailboxes: ReturnType<typeof selectionOf>,
  olderThanDays: Age,
  how: How,
): Promise<Operation> => {
  const params = { projectId };
  if (action === 'stop') return client.stopPasses({ params, body: { mailboxes } });
  if (action === 'resume') return client.resumePasses({ params, body: { mailboxes, ...how } });
  if (action === 'pre-stage') return client.startPasses({ params, body: { kind: action, mailboxes, olderThanDays, ...how } });
  return client.startPasses({ params, body: { kind: action, mailboxes, ...how } });
};

type ActionDialogProps = {
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
  // What was selected when the dialog opened is what it acts on, whatever changes meanwhile.
  const [{ rows, left }] = useState(() => previewOf(action, selected));
  const [age, setAge] = useState<Age>(AGES[2]);
  const [at, setAt] = useState('');
  const [priority, setPriority] = useState('');
  const [isUpdate, setUpdate] = useState(false);
  const [renames, setRenames] = useState(false);
  const startAt = instantOf(at);
  const how: How = {
    ...(isUpdate ? { update: true as const } : {}),
    ...(renames ? { rename: true as const } : {}),
    ...(startAt === undefined ? {} : { startAt }),
    ...(priority.trim() === '' ? {} : { priority: Number(priority) }),
  };
  const isTime = at === '' || startAt !== undefined;
  const everyRow = rows.length === total && left.size === 0;

  const { step, go } = useOperation(() => request(action, projectId, selectionOf(rows, everyRow), age, how), { renames });
  const asking = step.is === 'asking' || step.is === 'failed';

  return (
    <ActionFrame
      title={t('act.title', { action: t(`action.${action}`), count: rows.length, mailboxes: count(rows.length) })}
      asks={asking}
      action={t(`action.${action}`)}
      disabled={rows.length === 0 || !isTime}
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
          {mayUpdate(action, rows) ? (
            <>
              <Checkbox label={t('act.update')} checked={isUpdate} onChange={(_event, { checked }) => setUpdate(checked === true)} />
              {isUpdate ? <p className="quiet">{t('act.updateAbout')}</p> : null}
            </>
          ) : null}
          {mayRename(action, rows) ? (
            <>
              <Checkbox label={t('act.rename')} checked={renames} onChange={(_event, { checked }) => setRenames(checked === true)} />
              {renames ? <p className="quiet">{t(action === 'resume' ? 'act.renameLater' : 'act.renameAbout')}</p> : null}
            </>
          ) : null}
          {startsPass(action) ? (
            <details>
              <summary>{t('plan.when')}</summary>
              <div className="fields">
                <Field
                  label={t('plan.startAt')}
                  hint={
                    startAt === undefined
                      ? t('plan.startAtHint', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })
                      : t('plan.startsAt', { at: moment(startAt) })
                  }
                  {...(isTime ? {} : { validationMessage: t('plan.noTime'), validationState: 'error' as const })}
                >
                  <Input type="datetime-local" value={at} onChange={(_event, { value }) => setAt(value)} />
                </Field>
                <Field label={t('plan.priority')} hint={t('plan.priorityHint')}>
                  <Input type="number" min={-100} max={100} value={priority} onChange={(_event, { value }) => setPriority(value)} />
                </Field>
              </div>
            </details>
          ) : null}
          {[...left].map(([reason, members]) => (
            <details key={reason}>
              <summary>
                {t('act.leftOut', { count: members.length, mailboxes: count(members.length), why: t(`act.why.${reason}`) })}
              </summary>
              <Names rows={members} />
            </details>
          ))}
          {rows.length === 0 ? <p>{t('act.nothing')}</p> : <Command command={commandOf(action, projectId, rows, everyRow, age, how)} />}
          {rows.length > 20 && !everyRow ? <p className="quiet">{t('act.file')}</p> : null}
        </>
      ) : null}
      <OperationStep step={step} />
    </ActionFrame>
  );
};

/** The same for one mailbox, whose page shows what came of it. */
export const MailboxActionDialog = ({
  action,
  row,
  onClose,
}: {
  readonly action: Action;
  readonly row: Row;
  readonly onClose: () => void;
}): ReactElement => (
  <ActionDialog
    action={action}
    projectId={row.projectId}
    selected={[row]}
    total={Infinity}
    onClose={() => {
      onClose();
      void queries.invalidateQueries();
    }}
  />
);
