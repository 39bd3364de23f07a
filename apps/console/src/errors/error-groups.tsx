import { Button } from '@fluentui/react-components';
import { useMemo, useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { queries } from '../api/queries.js';
import { CodeLink } from '../help/code-link.js';
import { Copyable, Link, Name } from '../parts/basics.js';
import { count, moment, size } from '../parts/format.js';
import { Empty } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { ActionDialog } from '../project/action-dialog.js';
import { reasonAgainst } from '../project/actions.js';
import type { Row } from '../project/views.js';
import { AcknowledgeDialog } from './acknowledge-dialog.js';
import { groupErrors, type ErrorGroup, type ItemError } from './group.js';

const LOOKS = { failed: ['✕', 'bad'], skipped: ['○', 'quiet'], mime: ['≈', 'warn'], doubts: ['?', 'warn'] } as const;

type GroupsProps = {
  readonly items: readonly ItemError[];
  readonly total: number;
  readonly projectId: string;
  /** The mailboxes that the errors are of, by id. */
  readonly names: ReadonlyMap<string, Row>;
  readonly mayRun: boolean;
};

/** Errors by cause: how many, since when, what to do, and the two things that a click can do. */
export const ErrorGroups = ({ items, total, projectId, names, mayRun }: GroupsProps): ReactElement => {
  const { t } = useTranslation();
  const groups = useMemo(() => groupErrors(items), [items]);
  const [retrying, setRetrying] = useState<readonly Row[] | undefined>();
  const [acknowledging, setAcknowledging] = useState<ErrorGroup | undefined>();
  const done = (): void => {
    setRetrying(undefined);
    setAcknowledging(undefined);
    void queries.invalidateQueries();
  };
  return (
    <>
      {groups.length === 0 ? <Empty title={t('errors.none')} /> : null}
      {items.length < total ? <p className="quiet">{t('errors.cut', { shown: count(items.length), total: count(total) })}</p> : null}
      <ul className="error-groups">
        {groups.map((group) => {
          const rows = group.mailboxes.flatMap((id) => names.get(id) ?? []);
          const retries = group.outcome === 'failed' && rows.some((row) => reasonAgainst('retry-errors', row) === undefined);
          const [sign, tone] = LOOKS[group.outcome];
          return (
            <li key={`${group.outcome} ${group.code}`}>
              <div className="group-head">
                <Chip sign={sign} tone={tone} word={t(`errors.outcome.${group.outcome}`)} /> <CodeLink code={group.code} />
                <strong>{t('errors.items', { count: group.items.length, items: count(group.items.length) })}</strong>
                <span className="quiet">{t('errors.open', { count: group.open, open: count(group.open) })}</span>
                <span className="row-actions">
                  {mayRun && retries ? (
                    <Button size="small" appearance="primary" onClick={() => setRetrying(rows)}>
                      {t('action.retry-errors')}…
                    </Button>
                  ) : null}
                  {mayRun && group.open > 0 ? (
                    <Button size="small" onClick={() => setAcknowledging(group)}>
                      {t('errors.acknowledge')}…
                    </Button>
                  ) : null}
                </span>
              </div>
              {group.advice === null ? null : <p>{group.advice}</p>}
              <p className="quiet">{t('errors.seen', { first: moment(group.firstSeenAt), last: moment(group.lastSeenAt) })}</p>
              <details>
                <summary>{t('errors.which', { count: group.items.length })}</summary>
                <Items items={group.items} names={names} />
              </details>
            </li>
          );
        })}
      </ul>
      {retrying === undefined ? null : (
        <ActionDialog action="retry-errors" projectId={projectId} selected={retrying} total={Infinity} onClose={done} />
      )}
      {acknowledging === undefined ? null : <AcknowledgeDialog group={acknowledging} onClose={done} />}
    </>
  );
};

const MOST_SHOWN = 100;

const Items = ({ items, names }: { readonly items: readonly ItemError[]; readonly names: ReadonlyMap<string, Row> }): ReactElement => {
  const { t } = useTranslation();
  return (
    <div className="scrolls" role="region" aria-label={t('errors.list')} tabIndex={0}>
      <table className="list">
        <thead>
          <tr>
            <th scope="col">{t('column.source')}</th>
            <th scope="col">{t('errors.folder')}</th>
            <th scope="col">{t('errors.type')}</th>
            <th scope="col">{t('errors.date')}</th>
            <th scope="col">{t('errors.size')}</th>
            <th scope="col">{t('errors.state')}</th>
            <th scope="col">{t('errors.item')}</th>
          </tr>
        </thead>
        <tbody>
          {items.slice(0, MOST_SHOWN).map((item) => (
            <tr key={`${item.mailboxJobId} ${item.itemKey}`}>
              <td>
                <Link to="/mailboxes/$mailboxId" params={{ mailboxId: item.mailboxJobId }} search={{ tab: 'errors' }}>
                  <Name>{names.get(item.mailboxJobId)?.source ?? item.mailboxJobId}</Name>
                </Link>
              </td>
              <td>
                <Name>{item.folderPath}</Name>
              </td>
              <td>
                <Name>{item.itemType}</Name>
              </td>
              <td>{item.itemDate === null ? '–' : moment(item.itemDate)}</td>
              <td>{size(item.sizeBytes)}</td>
              <td>
                {t(`errors.is.${item.state}`)}
                {item.acknowledged === null ? null : (
                  <span className="quiet">
                    {' '}
                    <Name>{item.acknowledged.reason}</Name>
                  </span>
                )}
              </td>
              <td>
                <Copyable text={item.itemKey} label={t('errors.item')} short />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {items.length > MOST_SHOWN ? <p className="quiet">{t('act.more', { count: items.length - MOST_SHOWN })}</p> : null}
    </div>
  );
};
