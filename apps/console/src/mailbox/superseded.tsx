import { Button } from '@fluentui/react-components';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { growing } from '../api/queries.js';
import { CliButton, Name } from '../parts/basics.js';
import { count, moment, size } from '../parts/format.js';
import { More } from '../parts/more.js';
import { Empty, Read } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import type { Tone } from '../parts/statuses.js';
import type { Row } from '../project/views.js';
import { Table } from '../parts/table.js';

type Copy = AnswerOf<'listSuperseded'>['items'][number];

const PAGE = 100;
const LOOKS: Readonly<Record<Copy['state'], readonly [sign: string, tone: Tone]>> = {
  superseded: ['○', 'quiet'],
  pending: ['!', 'warn'],
  gone: ['◼', 'quiet'],
};

/** Each reading is on record, as that of every list of single items: it is read when it is asked for, and not again before the next pass. */
const supersededQuery = (mailboxJobId: string, passes: number) =>
  infiniteQueryOptions({
    ...growing,
    queryKey: ['superseded', mailboxJobId, passes],
    queryFn: ({ pageParam }) =>
      client.listSuperseded({ params: { mailboxJobId }, query: { limit: PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) } }),
    refetchInterval: false,
    staleTime: Infinity,
  });

/** Copies in PSTs that are not as the mailbox has them now, as updates found them. */
export const Superseded = ({ row }: { readonly row: Row }): ReactElement => {
  const { t } = useTranslation();
  const { mailboxJobId, projectId, source, superseded, pass } = row;
  const [isAsked, setAsked] = useState(false);
  // An update lists what it has found when it ends.
  const isUnderWay = pass?.endedAt === null;
  const isOpen = isAsked && !isUnderWay;
  const copies = useInfiniteQuery({ ...supersededQuery(mailboxJobId, pass?.number ?? 0), enabled: isOpen });
  return (
    <section className="superseded" aria-labelledby="superseded">
      <h3 id="superseded">{t('superseded.title')}</h3>
      <p className="quiet">
        {superseded === 0 ? t('superseded.about') : t('superseded.some', { count: superseded, items: count(superseded) })}
        {isUnderWay ? ` ${t('superseded.later')}` : ''}
      </p>
      <p className="row-actions">
        {isOpen || isUnderWay ? null : (
          <Button size="small" onClick={() => setAsked(true)}>
            {t('superseded.show')}
          </Button>
        )}
        <CliButton command={`pstream mailbox superseded ${projectId} ${source}`} />
      </p>
      {isOpen ? (
        <Read query={copies}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items);
            if (items.length === 0) return <Empty title={t('superseded.none')} />;
            return (
              <>
                <Copies copies={items} />
                <More list={copies} shown={items.length} total={pages.at(-1)?.total ?? 0} />
              </>
            );
          }}
        </Read>
      ) : null}
    </section>
  );
};

const Copies = ({ copies }: { readonly copies: readonly Copy[] }): ReactElement => {
  const { t } = useTranslation();
  return (
    <Table
      label={t('superseded.title')}
      heads={[t('superseded.item'), t('superseded.what'), t('superseded.older'), t('superseded.newer'), t('parts.state')]}
      stack
    >
      {copies.map(({ itemKey, passId, what, state, folder, to, itemType, itemDate, sizeBytes, part, newPart }) => (
        <tr key={`${itemKey} ${passId} ${part}`}>
          <th scope="row">
            <Name>{folder}</Name>
            {to === null ? null : (
              <span className="quiet">
                {' '}
                → <Name>{to}</Name>
              </span>
            )}
            <div className="quiet">
              <Name>{itemType}</Name> {itemDate === null ? '' : moment(itemDate)} {size(sizeBytes)}
            </div>
          </th>
          <td data-label={t('superseded.what')}>{t(`superseded.is.${what}`)}</td>
          <td data-label={t('superseded.older')}>{part === null ? '–' : <Name>{part}</Name>}</td>
          <td data-label={t('superseded.newer')}>{newPart === null ? '–' : <Name>{newPart}</Name>}</td>
          <td>
            <Chip sign={LOOKS[state][0]} tone={LOOKS[state][1]} word={t(`superseded.state.${state}`)} />
          </td>
        </tr>
      ))}
    </Table>
  );
};
