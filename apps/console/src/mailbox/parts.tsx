import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { partsQuery, projectQuery } from '../api/queries.js';
import { CliButton, Copyable, Link, Name } from '../parts/basics.js';
import { count, moment, size } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { Empty, Read } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import type { Row } from '../project/views.js';
import { Superseded } from './superseded.js';
import { Viewing } from '../viewer/viewing.js';
import { Table } from '../parts/table.js';

type Part = AnswerOf<'listMailboxParts'>['items'][number];

const LOOKS: Readonly<Record<Part['state'], readonly [sign: string, tone: 'good' | 'busy' | 'bad' | 'quiet']>> = {
  open: ['⟳', 'busy'],
  sealing: ['⟳', 'busy'],
  sealed: ['✓', 'busy'],
  verified: ['✓', 'good'],
  abandoned: ['✕', 'bad'],
  removed: ['○', 'quiet'],
};

/** The PSTs of a mailbox, with the hash of each and where it is. */
export const Parts = ({ row }: { readonly row: Row }): ReactElement => {
  const { mailboxJobId: mailboxId, projectId } = row;
  const { t } = useTranslation();
  const parts = useQuery(partsQuery(mailboxId));
  const viewing = useQuery(projectQuery(projectId)).data?.viewing;
  const mayView = useMay('content.view');
  return (
    <Read query={parts}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t('parts.none')} />
        ) : (
          <>
            <Table
              label={t('mailbox.tab.parts')}
              heads={[t('parts.name'), t('parts.state'), t('parts.items'), t('parts.size'), 'SHA-256', t('parts.location')]}
            >
              {[...items]
                .sort((a, b) => a.ordinal - b.ordinal)
                .map((part) => (
                  <tr key={part.partId}>
                    <th scope="row">
                      <Name>{part.name}</Name>{' '}
                      {viewing === true && mayView && (part.state === 'sealed' || part.state === 'verified') ? (
                        <Link
                          to="/mailboxes/$mailboxId/parts/$partId"
                          params={{ mailboxId, partId: part.partId }}
                          aria-label={`${t('viewer.open')}: ${part.name}`}
                        >
                          {t('viewer.open')}
                        </Link>
                      ) : null}
                    </th>
                    <td>
                      <Chip sign={LOOKS[part.state][0]} tone={LOOKS[part.state][1]} word={t(`parts.is.${part.state}`)} />{' '}
                      <span className="quiet">{part.verifiedAt === null ? '' : moment(part.verifiedAt)}</span>
                    </td>
                    <td>{count(part.items)}</td>
                    <td>{size(part.bytes)}</td>
                    <td>{part.sha256 === null ? '–' : <Copyable text={part.sha256} label={`SHA-256 ${part.name}`} short />}</td>
                    <td>{part.location === null ? '–' : <Copyable text={part.location} label={t('parts.location')} />}</td>
                  </tr>
                ))}
            </Table>
            {viewing === undefined || !mayView ? null : <Viewing projectId={projectId} allowed={viewing} />}
            <CliButton command={`pstream mailbox parts ${mailboxId}`} />
            <Superseded row={row} />
          </>
        )
      }
    </Read>
  );
};
