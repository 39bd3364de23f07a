import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { foldersQuery } from '../api/queries.js';
import { CodeLink } from '../help/code-link.js';
import { CliButton, Name } from '../parts/basics.js';
import { count } from '../parts/format.js';
import { Empty, Read } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { Table } from '../parts/table.js';

/** The folders of a mailbox; each row adds up. */
export const Folders = ({ mailboxId }: { readonly mailboxId: string }): ReactElement => {
  const { t } = useTranslation();
  const folders = useQuery(foldersQuery(mailboxId));
  return (
    <Read query={folders} lines={8}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t('folders.none')} />
        ) : (
          <>
            <Table
              label={t('mailbox.tab.folders')}
              heads={[
                t('folders.path'),
                t('folders.discovered'),
                t('column.exported'),
                t('column.skipped'),
                t('column.failed'),
                t('folders.left'),
                t('folders.state'),
              ]}
            >
              {items.map((folder) => (
                <tr key={folder.folderKey}>
                  <th scope="row">
                    <Name>{folder.path}</Name>
                    {folder.target === null ? null : (
                      <span className="quiet">
                        {' '}
                        → <Name>{folder.target}</Name>
                      </span>
                    )}
                  </th>
                  <td>{count(folder.totals.discovered)}</td>
                  <td>{count(folder.totals.exported)}</td>
                  <td>{count(folder.totals.skipped)}</td>
                  <td>{count(folder.totals.failed)}</td>
                  <td>{count(folder.unaccounted)}</td>
                  <td>
                    {!folder.listed ? (
                      <>
                        <Chip sign="!" tone="warn" word={t('folders.notListed')} />{' '}
                        {folder.cause === null ? null : <CodeLink code={folder.cause.code} />}
                        {folder.cause?.advice === undefined ? null : <p className="quiet">{folder.cause.advice}</p>}
                      </>
                    ) : folder.left !== null ? (
                      <span className="quiet">{folder.left === 'filtered' ? t('folders.filtered') : folder.left}</span>
                    ) : folder.unaccounted === 0 ? (
                      <Chip sign="✓" tone="good" word={t('folders.complete')} />
                    ) : (
                      <Chip sign="⟳" tone="busy" word={t('folders.open')} />
                    )}
                  </td>
                </tr>
              ))}
            </Table>
            <CliButton command={`pstream mailbox folders ${mailboxId}`} />
          </>
        )
      }
    </Read>
  );
};
