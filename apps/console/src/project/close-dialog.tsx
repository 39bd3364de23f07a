import { Field, Input, Select } from '@fluentui/react-components';
import { rowsOf } from '@pstream/api/client';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { Command, Name } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { count, plain, size } from '../parts/format.js';
import { OperationStep, useOperation, type Operation } from '../parts/operation.js';
import { closeCommand, linesOf, sumsOf, type StatementLine } from './closing.js';
import { Table } from '../parts/table.js';

type Mode = 'keep' | 'delete';
/** The end statement, and what it was made for. */
type Statement = { readonly mode: Mode; readonly lines: readonly StatementLine[]; readonly refused: number };

type Props = { readonly projectId: string; readonly name: string; readonly isClosed: boolean; readonly onClose: () => void };

/** Closes a project. What would become of each PST is shown first; only then can it be done. */
export const CloseDialog = ({ projectId, name, isClosed, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const [mode, setMode] = useState<Mode>('keep');
  const [typed, setTyped] = useState('');
  const [preview, setPreview] = useState<Statement | undefined>();
  const [end, setEnd] = useState<Statement | undefined>();
  const close = (dryRun: boolean) => client.closeProject({ params: { projectId }, body: { parts: mode, dryRun } });
  const statement = async (operation: Operation): Promise<Statement> => ({
    mode,
    lines: linesOf(await rowsOf(client, operation, 'accepted')),
    refused: operation.cause === null ? operation.rejected : Infinity,
  });
  const dry = useOperation(() => close(true), { after: async (operation) => setPreview(await statement(operation)) });
  const done = useOperation(() => close(false), {
    after: async (operation) => {
      setEnd(await statement(operation));
      await queries.invalidateQueries();
    },
  });
  const isSeen = preview?.mode === mode && dry.step.is === 'over';
  const isBusy = dry.step.is === 'running' || done.step.is === 'running';
  const isOver = done.step.is === 'over';
  const mayClose = isSeen && preview.refused === 0 && (mode === 'keep' || typed === name);
  return (
    <ActionFrame
      title={t(isClosed ? 'closing.againOf' : 'closing.titleOf', { name: plain(name) })}
      asks={!isBusy && !isOver}
      action={t(isSeen ? 'closing.go' : 'closing.look')}
      disabled={isSeen && !mayClose}
      go={isSeen ? done.go : dry.go}
      onClose={onClose}
    >
      {isOver ? null : (
        <>
          <p>{t('closing.about')}</p>
          <Field label={t('closing.parts')} hint={t(`closing.hint.${mode}`)}>
            <Select value={mode} disabled={isBusy} onChange={(_event, { value }) => setMode(value === 'delete' ? 'delete' : 'keep')}>
              <option value="keep">{t('closing.keep')}</option>
              <option value="delete">{t('closing.delete')}</option>
            </Select>
          </Field>
        </>
      )}
      {done.step.is !== 'asking' ? null : isSeen || dry.step.is !== 'over' ? (
        <OperationStep step={dry.step} done={(mailboxes) => t('closing.looked', { count: mailboxes, mailboxes: count(mailboxes) })} />
      ) : null}
      {isSeen && done.step.is === 'asking' ? <StatementTable lines={preview.lines} /> : null}
      {isSeen && mode === 'delete' && !isBusy && !isOver && preview.refused === 0 ? (
        <Field label={t('edit.typeName', { name: plain(name) })} required>
          <Input value={typed} autoComplete="off" spellCheck={false} onChange={(_event, { value }) => setTyped(value)} />
        </Field>
      ) : null}
      <OperationStep step={done.step} done={(mailboxes) => t('closing.done', { count: mailboxes, mailboxes: count(mailboxes) })} />
      {isOver && end !== undefined ? <StatementTable lines={end.lines} /> : null}
      {isBusy || isOver ? null : <Command command={closeCommand(projectId, mode, !isSeen)} />}
    </ActionFrame>
  );
};

const MOST_SHOWN = 200;

/** What becomes of the PSTs: the sums, and each of them. */
const StatementTable = ({ lines }: { readonly lines: readonly StatementLine[] }): ReactElement => {
  const { t } = useTranslation();
  if (lines.length === 0) return <p>{t('closing.noParts')}</p>;
  return (
    <>
      <ul className="sums">
        {sumsOf(lines).map(({ is, parts, bytes }) => (
          <li key={is}>
            {t(`closing.is.${is}`)}: <strong>{t('closing.psts', { count: parts, psts: count(parts) })}</strong> ({size(bytes)})
          </li>
        ))}
      </ul>
      <Table label={t('closing.statement')} heads={['PST', t('parts.size'), t('closing.becomes')]} stack>
        {lines.slice(0, MOST_SHOWN).map((line) => (
          <tr key={`${line.partId} ${line.source}`}>
            <th scope="row">
              <Name>{line.name}</Name>
              <div className="quiet">
                <Name>{line.source}</Name>
              </div>
            </th>
            <td data-label={t('parts.size')}>{size(line.bytes)}</td>
            <td data-label={t('closing.becomes')}>
              {t(`closing.is.${line.is}`)}
              {line.reason === null ? null : (
                <div>
                  {line.reason.title}. {line.reason.detail} <code>{line.reason.code}</code>
                </div>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {lines.length > MOST_SHOWN ? <p className="quiet">{t('closing.more', { count: lines.length - MOST_SHOWN })}</p> : null}
    </>
  );
};
