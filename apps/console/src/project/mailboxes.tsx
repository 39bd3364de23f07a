// The mailboxes of a project with their filters, what can be done with those selected, and the table itself.
import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  MessageBar,
  MessageBarBody,
  Tab,
  TabList,
} from '@fluentui/react-components';
import { useDeferredValue, useMemo, useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CliButton } from '../parts/basics.js';
import { count } from '../parts/format.js';
import { shellWord } from '../parts/shell-word.js';
import { Empty, Failure, Loading } from '../parts/states.js';
import { Search } from '../parts/table.js';
import type { ProjectSearch } from '../search.js';
import { ACTIONS, type Action } from './actions.js';
import { CHANGES, type Change } from './changes.js';
import { MailboxTable } from './mailbox-table.js';
import { MOST_ROWS, type Rows } from './rows.js';
import { countsOf, shownRows, VIEWS, type Filter, type Row, type Sort, type View } from './views.js';

export type TableFilter = { readonly filter: Filter; readonly change: (change: Partial<ProjectSearch>) => void };

type MailboxesProps = {
  readonly read: Rows;
  readonly filter: TableFilter;
  readonly projectId: string;
  readonly again: () => void;
  readonly onAct?: (action: Action, rows: readonly Row[]) => void;
  readonly onChange?: (change: Change, rows: readonly Row[]) => void;
  readonly onLicense?: (rows: readonly Row[]) => void;
  readonly onAdd?: () => void;
};

export const Mailboxes = ({
  read,
  filter: { filter, change },
  projectId,
  again,
  onAct,
  onChange,
  onLicense,
  onAdd,
}: MailboxesProps): ReactElement => {
  const { t } = useTranslation();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { rows, total, state } = read;
  const q = useDeferredValue(filter.q);
  const { view, code, status, sort, descending } = filter;
  const shown = useMemo(
    () => shownRows(rows, { view, q, code, status, sort, descending }),
    [rows, view, q, code, status, sort, descending],
  );
  const counts = useMemo(() => countsOf(rows), [rows]);
  const chosen = useMemo(() => rows.filter(({ mailboxJobId }) => selected.has(mailboxJobId)), [rows, selected]);
  const onSelect = (ids: readonly string[], on: boolean): void =>
    setSelected((before) => {
      const after = new Set(before);
      for (const id of ids)
        if (on) after.add(id);
        else after.delete(id);
      return after;
    });
  const onSort = (by: Sort): void => change({ sort: by, desc: by === sort ? !descending : false });
  const clear = (): void => change({ view: 'all', q: '', code: '', status: '' });
  return (
    <section className="card" aria-labelledby="mailboxes">
      <header>
        <h2 id="mailboxes">{t('table.title')}</h2>
        <CliButton command={`pstream mailbox list ${projectId}${q === '' ? '' : ` --search ${shellWord(q)}`}`} />
      </header>
      {state === 'failed' ? <Failure error={read.error} again={again} /> : null}
      {total !== undefined && total > MOST_ROWS && state === 'ready' ? (
        <MessageBar intent="warning">
          <MessageBarBody>{t('table.cut', { shown: count(rows.length), total: count(total) })}</MessageBarBody>
        </MessageBar>
      ) : null}
      <div className="toolbar">
        <TabList
          selectedValue={view}
          onTabSelect={(_event, { value }) => change({ view: value as View, code: '', status: '' })}
          size="small"
          aria-label={t('table.views')}
        >
          {VIEWS.map((each) => (
            <Tab key={each} value={each}>
              {t(`view.${each}`)}{' '}
              {state === 'loading' && total === undefined ? '' : count(each === 'all' ? (total ?? counts.all) : counts[each])}
            </Tab>
          ))}
        </TabList>
        <Search label={t('table.search')} value={filter.q} onChange={(typed) => change({ q: typed })} />
        <span role="status" className="quiet">
          {t('table.selected', { count: chosen.length, selected: count(chosen.length) })}
        </span>
        {onAct === undefined ? null : (
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button appearance="primary" disabled={chosen.length === 0}>
                {t('table.actions')}
              </Button>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                {onLicense === undefined ? null : <MenuItem onClick={() => onLicense(chosen)}>{t('setup.bundles.apply')}…</MenuItem>}
                {ACTIONS.map((action) => (
                  <MenuItem key={action} onClick={() => onAct(action, chosen)}>
                    {t(`action.${action}`)}…
                  </MenuItem>
                ))}
                <MenuDivider />
                {CHANGES.map((change) => (
                  <MenuItem key={change} onClick={() => onChange?.(change, chosen)}>
                    {t(`edit.change.${change}`)}…
                  </MenuItem>
                ))}
              </MenuList>
            </MenuPopover>
          </Menu>
        )}
        {chosen.length === 0 ? null : (
          <Button appearance="subtle" onClick={() => setSelected(new Set())}>
            {t('table.unselect')}
          </Button>
        )}
      </div>
      {status === '' ? null : (
        <p className="quiet">
          {t('table.onlyStatus')} {t(`status.${status}`)}{' '}
          <Button size="small" appearance="subtle" onClick={() => change({ status: '' })}>
            {t('table.anyStatus')}
          </Button>
        </p>
      )}
      {code === '' ? null : (
        <p className="quiet">
          {t('table.onlyCode')} <code>{code}</code>{' '}
          <Button size="small" appearance="subtle" onClick={() => change({ code: '' })}>
            {t('table.anyCode')}
          </Button>
        </p>
      )}
      {total === undefined ? (
        state === 'failed' ? null : (
          <Loading lines={8} />
        )
      ) : total === 0 ? (
        <Empty title={t('table.none')}>
          {onAdd === undefined ? null : (
            <Button appearance="primary" onClick={onAdd}>
              {t('setup.bulk.open')}…
            </Button>
          )}
          <CliButton command={`pstream mailbox import ${projectId} mailboxes.csv`} />
        </Empty>
      ) : shown.length === 0 && state === 'ready' ? (
        <Empty title={t('table.nothing')}>
          <Button onClick={clear}>{t('table.clear')}</Button>
        </Empty>
      ) : (
        <MailboxTable rows={shown} filter={filter} onSort={onSort} selected={selected} onSelect={onSelect} />
      )}
    </section>
  );
};
