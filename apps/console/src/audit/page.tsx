import { Button } from '@fluentui/react-components';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CliButton, Link, Name, PageHead } from '../parts/basics.js';
import { count, moment } from '../parts/format.js';
import { More } from '../parts/more.js';
import { NoRight, useLacks } from '../parts/no-right.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import type { Tone } from '../parts/statuses.js';
import { EntryDialog } from './entry-dialog.js';
import { csvAddress, inWords, listCommand, nameOf } from './filter.js';
import { Filter } from './filter-form.js';
import { auditQuery, type Entry } from './queries.js';
import { Verify } from './verify.js';
import { Table } from '../parts/table.js';

const route = getRouteApi('/audit');

const LOOKS: Readonly<Record<Entry['outcome'], readonly [sign: string, tone: Tone]>> = {
  done: ['✓', 'good'],
  refused: ['!', 'warn'],
  failed: ['✕', 'bad'],
  viewed: ['○', 'quiet'],
  unknown: ['◷', 'quiet'],
};

/** Who did what, when, from where, and what it was before. */
export const AuditPage = (): ReactElement => {
  const { t } = useTranslation();
  const search = route.useSearch();
  const lacks = useLacks('audit.view');
  const entries = useInfiniteQuery({ ...auditQuery(search), enabled: !lacks });
  const [shown, setShown] = useState<Entry | undefined>();
  const isFiltered = Object.keys(search).length > 0;
  if (lacks) return <NoRight title={t('audit.title')} />;
  return (
    <>
      <PageHead title={t('audit.title')} updatedAtMs={entries.dataUpdatedAt}>
        <Button size="small" as="a" href={csvAddress(search)} download="audit.csv">
          {t('audit.csv')}
        </Button>
        <CliButton command={listCommand(search)} />
      </PageHead>
      <StaleBar updatedAtMs={entries.dataUpdatedAt} />
      <section className="card" aria-label={t('audit.title')}>
        <Filter key={JSON.stringify(search)} search={search} />
        <Read query={entries} lines={8}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items);
            if (items.length === 0)
              return (
                <Empty title={t(isFiltered ? 'audit.nothing' : 'audit.none')}>
                  {isFiltered ? <Link to="/audit">{t('audit.clear')}</Link> : null}
                </Empty>
              );
            return (
              <>
                <Entries entries={items} onShow={setShown} />
                <More list={entries} shown={items.length} total={pages.at(-1)?.total ?? 0} />
              </>
            );
          }}
        </Read>
      </section>
      <Verify key={search.of ?? ''} search={search} />
      {shown === undefined ? null : (
        <EntryDialog entry={shown} search={search} looks={LOOKS[shown.outcome]} onClose={() => setShown(undefined)} />
      )}
    </>
  );
};

type EntriesProps = { readonly entries: readonly Entry[]; readonly onShow: (entry: Entry) => void };

const Entries = ({ entries, onShow }: EntriesProps): ReactElement => {
  const { t } = useTranslation();
  return (
    <Table
      label={t('audit.title')}
      heads={[t('audit.action'), t('audit.object'), t('audit.who'), t('audit.at'), t('audit.outcome'), t('audit.changes')]}
      stack
    >
      {entries.map((entry) => (
        <Line key={`${entry.chain} ${entry.actionId} ${entry.seq}`} entry={entry} onShow={onShow} />
      ))}
    </Table>
  );
};

const MOST_FIELDS = 3;

const Line = ({ entry, onShow }: { readonly entry: Entry; readonly onShow: (entry: Entry) => void }): ReactElement => {
  const { t } = useTranslation();
  const { action, who, at, outcome, changes, count: times } = entry;
  const name = nameOf(entry);
  const fields = changes.map(({ field }) => field);
  return (
    <tr>
      <th scope="row">
        <Button
          size="small"
          className="entry"
          aria-label={t('audit.openOf', { action: inWords(action), at: moment(at) })}
          onClick={() => onShow(entry)}
        >
          {inWords(action)}
        </Button>
      </th>
      <td data-label={t('audit.object')}>{name === undefined ? '–' : <Name>{name}</Name>}</td>
      <td data-label={t('audit.who')}>{who === null ? <span className="quiet">{t('audit.nobody')}</span> : <Name>{who.name}</Name>}</td>
      <td data-label={t('audit.at')}>{moment(at)}</td>
      <td>
        <Chip sign={LOOKS[outcome][0]} tone={LOOKS[outcome][1]} word={t(`audit.is.${outcome}`)} />
        {times > 1 ? <div className="quiet">{t('audit.times', { times: count(times) })}</div> : null}
      </td>
      <td data-label={t('audit.changes')}>
        {fields.length === 0 ? '–' : <Name>{`${fields.slice(0, MOST_FIELDS).join(', ')}${fields.length > MOST_FIELDS ? ', …' : ''}`}</Name>}
      </td>
    </tr>
  );
};
