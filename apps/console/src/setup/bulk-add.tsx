import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { ApiError } from '@pstream/api/client';
import { useState, type DragEvent, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { Name } from '../parts/basics.js';
import { FormCheck, FormDialog, FormField, useForm } from '../parts/form.js';
import { count } from '../parts/format.js';
import { completed, faultyRows, type RowFault } from './bulk-add-rows.js';

type Props = { readonly projectId: string; readonly onClose: () => void };
type Added = AnswerOf<'addMailboxes'>;

const MOST_SHOWN = 200;
const HEADER = 'Source Email,Destination Email';

/** Adds mailboxes that were pasted, dropped or chosen as a file. Faults are shown at their rows; nothing is added until there are none, or
 *  only the good rows if that is wanted. */
export const BulkAdd = ({ projectId, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const [faults, setFaults] = useState<readonly RowFault[]>([]);
  const [added, setAdded] = useState<Added | undefined>();
  const form = useForm({
    initial: { rows: '', partial: '', rename: '' },
    required: ['rows'],
    send: async ({ rows, partial, rename }) => {
      setFaults([]);
      setAdded(undefined);
      try {
        const done = await client.addMailboxes({
          params: { projectId },
          query: { partial: partial === 'yes' ? 'true' : 'false', rename: rename === 'yes' ? 'true' : 'false' },
          csv: completed(rows),
        });
        await queries.invalidateQueries({ queryKey: ['project', projectId] });
        setFaults(done.errors);
        setAdded(done);
        if (done.refused === 0 && done.renamed.length === 0) onClose();
      } catch (error) {
        const found = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
        if (found.length === 0) throw error;
        setFaults(found);
      }
    },
  });
  const take = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) form.set('rows', await file.text());
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    void take(event.dataTransfer.files[0]);
  };
  const rows = faultyRows(completed(form.values.rows), faults);
  return (
    <FormDialog
      title={t('setup.bulk.title')}
      form={form}
      submit={t('setup.bulk.add')}
      command={`pstream mailbox import ${projectId} mailboxes.csv${form.values.partial === 'yes' ? ' --partial' : ''}${form.values.rename === 'yes' ? ' --rename' : ''}`}
      onClose={onClose}
    >
      <div onDragOver={(event) => event.preventDefault()} onDrop={onDrop} className="fields">
        <FormField
          form={form}
          name="rows"
          label={t('setup.bulk.rows')}
          hint={t('setup.bulk.hint', { header: HEADER })}
          lines={8}
          required
        />
        <label>
          {t('setup.bulk.file')}{' '}
          <input type="file" accept=".csv,.txt,text/csv,text/plain" onChange={({ target }) => void take(target.files?.[0])} />
        </label>
      </div>
      <FormCheck form={form} name="partial" label={t('setup.bulk.partial')} />
      <FormCheck form={form} name="rename" label={t('setup.bulk.rename')} />
      {added === undefined ? null : (
        <MessageBar intent={added.refused === 0 ? 'success' : 'warning'} layout="multiline">
          <MessageBarBody>
            {t('setup.bulk.added', { count: added.added, added: count(added.added) })}{' '}
            {added.refused === 0 ? '' : t('setup.bulk.refused', { count: added.refused, refused: count(added.refused) })}{' '}
            {added.renamed.map(({ row, destination }) => (
              <div key={row}>
                {t('setup.bulk.renamed', { row })} <Name>{destination}</Name>
              </div>
            ))}
          </MessageBarBody>
        </MessageBar>
      )}
      {rows.length === 0 ? null : <FaultyRows rows={rows} added={added !== undefined} />}
      {added === undefined ? null : <Button onClick={onClose}>{t('close')}</Button>}
    </FormDialog>
  );
};

const FaultyRows = ({ rows, added }: { readonly rows: ReturnType<typeof faultyRows>; readonly added: boolean }): ReactElement => {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <p>
        <strong>{t('setup.bulk.faults', { count: rows.length, rows: count(rows.length) })}</strong> {added ? '' : t('setup.bulk.nothing')}
      </p>
      <div className="scrolls" tabIndex={0} role="region" aria-label={t('setup.bulk.faultList')}>
        <table className="list">
          <thead>
            <tr>
              <th scope="col">{t('setup.bulk.row')}</th>
              <th scope="col">{t('setup.bulk.text')}</th>
              <th scope="col">{t('setup.bulk.fault')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_SHOWN).map(({ row, text, faults }) => (
              <tr key={row}>
                <td>{row === 0 ? '' : count(row)}</td>
                <td>
                  <Name>{text}</Name>
                </td>
                <td>
                  {faults.map(({ column, code, message }) => (
                    <div key={`${column} ${code}`}>
                      <strong>{column}</strong> {message}
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST_SHOWN ? <p className="quiet">{t('act.more', { count: rows.length - MOST_SHOWN })}</p> : null}
    </div>
  );
};
