import { Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { projectsQuery, queries } from '../api/queries.js';
import { Command } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { count, plain } from '../parts/format.js';
import { Names, OperationStep, useOperation, type Operation } from '../parts/operation.js';
import { selectionOf } from './actions.js';
import { changeCommand, type Change, type ChangeValues } from './changes.js';
import type { Row } from './views.js';

const NAMES_UP_TO = 5;

type Props = {
  readonly change: Change;
  readonly projectId: string;
  readonly selected: readonly Row[];
  /** Mailboxes of the whole project. */
  readonly total: number;
  readonly onClose: (done: boolean) => void;
};

/** Gives mailboxes another priority, moves them, has them begin again, or removes them. */
export const ChangeDialog = ({ change, projectId, selected, total, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  // What was selected when the dialog opened is what it acts on, whatever changes meanwhile.
  const [rows] = useState(selected);
  const [values, setValues] = useState<ChangeValues>({ priority: '0', toProjectId: '', parts: 'keep', stop: '' });
  const [typed, setTyped] = useState('');
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const here = projects.find((project) => project.projectId === projectId);
  const others = projects.filter(
    (project) => project.customerId === here?.customerId && project.projectId !== projectId && project.type !== 'discovery',
  );
  const everyRow = rows.length === total;
  const set = (changed: Partial<ChangeValues>): void => setValues((before) => ({ ...before, ...changed }));
  const { step, go } = useOperation(() => request(change, projectId, selectionOf(rows, everyRow), values), {
    after: () => queries.invalidateQueries(),
  });
  const asking = step.is === 'asking' || step.is === 'failed';
  const priority = Number(values.priority);
  const ready: Readonly<Record<Change, boolean>> = {
    priority: values.priority.trim() !== '' && Number.isInteger(priority),
    move: values.toProjectId !== '',
    'start-over': values.parts === 'keep' || typed === here?.name,
    remove: true,
  };
  return (
    <ActionFrame
      title={t('act.title', { action: t(`edit.change.${change}`), count: rows.length, mailboxes: count(rows.length) })}
      asks={asking}
      action={t(`edit.change.${change}`)}
      disabled={!ready[change]}
      go={go}
      onClose={() => onClose(step.is === 'over' && step.operation.accepted > 0)}
    >
      {asking ? (
        <>
          <p>{t(`edit.changeAbout.${change}`)}</p>
          {rows.length <= NAMES_UP_TO ? <Names rows={rows} /> : null}
          {change === 'priority' ? (
            <Field label={t('edit.priority')} hint={t('edit.priorityHint')}>
              <Input
                type="number"
                min={-100}
                max={100}
                value={values.priority}
                onChange={(_event, given) => set({ priority: given.value })}
              />
            </Field>
          ) : null}
          {change === 'move' ? (
            <Field label={t('edit.toProject')} {...(others.length === 0 ? { hint: t('edit.noOther') } : {})}>
              <Select value={values.toProjectId} onChange={(_event, given) => set({ toProjectId: given.value })}>
                <option value="">{t('edit.choose')}</option>
                {others.map((project) => (
                  <option key={project.projectId} value={project.projectId}>
                    {plain(project.name)}
                  </option>
                ))}
              </Select>
            </Field>
          ) : null}
          {change === 'start-over' ? (
            <>
              <Field label={t('edit.parts')}>
                <Select value={values.parts} onChange={(_event, given) => set({ parts: given.value })}>
                  <option value="keep">{t('edit.keepParts')}</option>
                  <option value="delete">{t('edit.deleteParts')}</option>
                </Select>
              </Field>
              {values.parts === 'delete' ? (
                <Field label={t('edit.typeName', { name: plain(here?.name ?? '') })} required>
                  <Input value={typed} autoComplete="off" spellCheck={false} onChange={(_event, given) => setTyped(given.value)} />
                </Field>
              ) : null}
            </>
          ) : null}
          {change === 'remove' ? (
            <Checkbox
              label={t('edit.stopFirst')}
              checked={values.stop === 'yes'}
              onChange={(_event, { checked }) => set({ stop: checked === true ? 'yes' : '' })}
            />
          ) : null}
          <Command command={changeCommand(change, projectId, rows, everyRow, values)} />
        </>
      ) : null}
      <OperationStep step={step} />
    </ActionFrame>
  );
};

const request = (
  change: Change,
  projectId: string,
  mailboxes: ReturnType<typeof selectionOf>,
  { priority, toProjectId, parts, stop }: ChangeValues,
): Promise<Operation> => {
  const params = { projectId };
  switch (change) {
    case 'priority':
      return client.prioritiseMailboxes({ params, body: { mailboxes, priority: Number(priority) } });
    case 'move':
      return client.moveMailboxes({ params, body: { mailboxes, toProjectId } });
    case 'start-over':
      return client.startOver({ params, body: { mailboxes, parts: parts === 'delete' ? 'delete' : 'keep' } });
    case 'remove':
      return client.removeMailboxes({ params, body: { mailboxes, stop: stop === 'yes' } });
  }
};
