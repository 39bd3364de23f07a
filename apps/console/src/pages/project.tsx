import {
  Button,
  Input,
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
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { customerQuery, meQuery, projectQuery, queries, throughputQuery } from '../api/queries.js';
import { every } from '../browser.js';
import { CliButton, Copyable, Link, Name, PageHead, Section, useNowMs } from '../parts/basics.js';
import { shellWord } from '../parts/shell-word.js';
import { isCounting, TotalsBar, TotalsText } from '../parts/bar.js';
import { count, plain, size, timeOfDay } from '../parts/format.js';
import { Empty, Failure, Loading, Read, StaleBar } from '../parts/states.js';
import { STATUSES } from '../parts/statuses.js';
import { useStore } from '../parts/store.js';
import { useEnforced } from '../licences/queries.js';
import { ActionDialog } from '../project/action-dialog.js';
import { ACTIONS, type Action } from '../project/actions.js';
import { ChangeDialog } from '../project/change-dialog.js';
import { CHANGES, type Change } from '../project/changes.js';
import { Attention } from '../project/attention.js';
import { LastHour } from '../project/charts.js';
import { bottleneckOf, estimateOf, lastHour, type Slot } from '../project/estimate.js';
import { MailboxTable } from '../project/mailbox-table.js';
import { MailboxRows, MOST_ROWS, type Rows } from '../project/rows.js';
import { countsOf, isOpen, shownRows, VIEWS, type Filter, type Row, type Sort, type View } from '../project/views.js';
import type { ProjectSearch } from '../search.js';
import { BulkAdd } from '../setup/bulk-add.js';
import { OptionsDialog } from '../setup/options-dialog.js';
import { BundlesDialog } from '../setup/bundles-dialog.js';
import { EditProjectDialog, RemoveDialog } from '../setup/edit-dialogs.js';

const route = getRouteApi('/projects/$projectId');

/** The night screen: how far a project is, what needs somebody, and each of its mailboxes. */
export const ProjectPage = (): ReactElement => {
  const { projectId } = route.useParams();
  // Rows belong to one project: another one begins with none.
  return <NightScreen key={projectId} projectId={projectId} />;
};

const NightScreen = ({ projectId }: { readonly projectId: string }): ReactElement => {
  const { t } = useTranslation();
  const project = useQuery(projectQuery(projectId));
  const me = useQuery(meQuery);
  const table = useMemo(() => new MailboxRows(projectId), [projectId]);
  useEffect(() => table.open(), [table]);
  // Behind what the hands do: ten thousand new rows are shown in steps that do not block the page.
  const read = useDeferredValue(useStore(table.store));
  const filter = useFilter();
  const [acting, setActing] = useState<{ readonly action: Action; readonly rows: readonly Row[] } | undefined>();
  const [adding, setAdding] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const [changing, setChanging] = useState<{ readonly change: Change; readonly rows: readonly Row[] } | undefined>();
  const [editing, setEditing] = useState<'edit' | 'remove' | undefined>();
  const navigate = useNavigate();
  const [licensing, setLicensing] = useState<readonly Row[] | undefined>();
  const hasRight = me.data?.rights.includes('exports.run') ?? false;
  const isClosed = (project.data?.closedAt ?? null) !== null;
  const mayRun = hasRight && !isClosed;
  const isEnforced = useEnforced();
  const act = (action: Action, rows: readonly Row[]): void => setActing({ action, rows });
  const { name = '', customerId } = project.data ?? {};
  return (
    <>
      <PageHead title={name === '' ? '…' : <Name>{name}</Name>} over={<Over customerId={customerId} />} updatedAtMs={project.dataUpdatedAt}>
        {mayRun ? (
          <Button size="small" appearance="primary" onClick={() => setAdding(true)}>
            {t('setup.bulk.open')}…
          </Button>
        ) : null}
        {mayRun && project.data !== undefined ? (
          <Button size="small" onClick={() => setChoosing(true)}>
            {t('setup.options.title')}…
          </Button>
        ) : null}
        {mayRun && project.data !== undefined ? (
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button size="small">{t('edit.more')}</Button>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                <MenuItem onClick={() => setEditing('edit')}>{t('edit.project')}…</MenuItem>
                <MenuItem onClick={() => setEditing('remove')}>{t('edit.removeProject')}…</MenuItem>
              </MenuList>
            </MenuPopover>
          </Menu>
        ) : null}
        <CliButton command={`pstream export status ${projectId}`} />
        <Copyable text={projectId} label={t('project.id')} short />
        <Link to="/projects/$projectId/report" params={{ projectId }}>
          {t('report.open')}
        </Link>
        <Link to="/projects/$projectId/errors" params={{ projectId }}>
          {t('project.errors')}
        </Link>
      </PageHead>
      <StaleBar updatedAtMs={project.dataUpdatedAt} />
      {isClosed ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('project.closed')}</MessageBarBody>
        </MessageBar>
      ) : null}
      {me.data !== undefined && !hasRight ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('state.viewOnly', { role: t(`role.${me.data.role}`) })}</MessageBarBody>
        </MessageBar>
      ) : null}
      <Read query={project}>{(data) => <Progress projectId={projectId} sums={data.sums} rows={read.rows} />}</Read>
      <div className="columns">
        <Attention
          rows={read.rows}
          onShow={(code) => filter.change({ view: 'attention', code, status: '' })}
          {...(mayRun ? { onAct: act } : {})}
        />
        <Throughput projectId={projectId} />
      </div>
      <Mailboxes
        read={read}
        filter={filter}
        projectId={projectId}
        again={() => table.again()}
        {...(mayRun ? { onAdd: () => setAdding(true) } : {})}
        {...(mayRun && isEnforced ? { onLicense: setLicensing } : {})}
        {...(mayRun ? { onAct: act, onChange: (change: Change, rows: readonly Row[]) => setChanging({ change, rows }) } : {})}
      />
      {adding ? (
        <BulkAdd
          projectId={projectId}
          onClose={() => {
            setAdding(false);
            table.again();
          }}
        />
      ) : null}
      {choosing && project.data !== undefined ? <OptionsDialog project={project.data} onClose={() => setChoosing(false)} /> : null}
      {licensing === undefined || customerId === undefined ? null : (
        <BundlesDialog customerId={customerId} users={licensing.map(({ source }) => source)} onClose={() => setLicensing(undefined)} />
      )}
      {editing === 'edit' && project.data !== undefined ? (
        <EditProjectDialog project={project.data} onClose={() => setEditing(undefined)} />
      ) : null}
      {editing === 'remove' ? (
        <RemoveDialog
          title={t('edit.removeOf', { name: plain(name) })}
          about={t('edit.removeProjectAbout')}
          command={`pstream project remove ${projectId} --yes`}
          remove={async () => {
            await client.removeProject({ params: { projectId } });
            await queries.invalidateQueries({ queryKey: ['projects'] });
            await navigate({ to: '/projects' });
          }}
          onClose={() => setEditing(undefined)}
        />
      ) : null}
      {changing === undefined ? null : (
        <ChangeDialog
          change={changing.change}
          projectId={projectId}
          selected={changing.rows}
          total={read.total ?? Infinity}
          onClose={() => {
            setChanging(undefined);
            table.again();
          }}
        />
      )}
      {acting === undefined ? null : (
        <ActionDialog
          action={acting.action}
          projectId={projectId}
          selected={acting.rows}
          total={read.total ?? Infinity}
          onClose={() => {
            setActing(undefined);
            table.again();
          }}
        />
      )}
    </>
  );
};

const Over = ({ customerId }: { readonly customerId: string | undefined }): ReactElement => {
  const { t } = useTranslation();
  const customer = useQuery({ ...customerQuery(customerId ?? ''), enabled: customerId !== undefined });
  return (
    <>
      <Link to="/projects">{t('nav.projects')}</Link> ▸{' '}
      {customerId === undefined ? null : (
        <Link to="/customers/$customerId" params={{ customerId }}>
          <Name>{customer.data?.name ?? '…'}</Name>
        </Link>
      )}
    </>
  );
};

type TableFilter = { readonly filter: Filter; readonly change: (change: Partial<ProjectSearch>) => void };

/** The filter is in the address, so that it can be kept, shared and gone back to. */
const useFilter = (): TableFilter => {
  const { view = 'all', q = '', code = '', status = '', sort = 'source', desc = false } = route.useSearch();
  const navigate = route.useNavigate();
  return {
    filter: { view, q, code, status, sort, descending: desc },
    change: (change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
  };
};

type Sums = AnswerOf<'getProject'>['sums'];

const Progress = ({
  projectId,
  sums,
  rows,
}: {
  readonly projectId: string;
  readonly sums: Sums;
  readonly rows: readonly Row[];
}): ReactElement => {
  const { t } = useTranslation();
  const { totals, statuses, extracted } = sums;
  const counting = isCounting(sums);
  const slots = useSlots(projectId);
  const running = rows.filter(isOpen).length;
  const estimate = estimateOf({
    slots,
    toDo: totals.discovered - totals.exported - totals.skipped - totals.failed,
    running,
    counting,
    nowMs: useNowMs(10_000),
  });
  const neck = bottleneckOf(rows);
  return (
    <section className="card progress" aria-label={t('progress.label')}>
      <TotalsBar totals={totals} counting={counting} />
      <TotalsText totals={totals} counting={counting} />
      <Announced totals={totals} />
      <dl className="facts">
        <div>
          <dt>{t('progress.finish')}</dt>
          <dd>
            {estimate.is === 'band'
              ? t('progress.band', { early: timeOfDay(estimate.earlyMs), late: timeOfDay(estimate.lateMs) })
              : t(`progress.none.${estimate.why}`)}
          </dd>
        </div>
        <div>
          <dt>{t('progress.bottleneck')}</dt>
          <dd>{t(`bottleneck.${neck.at}`, { count: neck.mailboxes, running: count(neck.running) })}</dd>
        </div>
        <div>
          <dt>{t('progress.read')}</dt>
          <dd>{t('progress.readOf', { items: count(extracted.items), size: size(extracted.bytes) })}</dd>
        </div>
        <div>
          <dt>{t('progress.statuses')}</dt>
          <dd className="statuses">
            {STATUSES.filter((status) => (statuses[status] ?? 0) > 0).map((status) => (
              <Link key={status} to="/projects/$projectId" params={{ projectId }} search={{ status }}>
                {`${t(`status.${status}`)} ${count(statuses[status] ?? 0)}`}
              </Link>
            ))}
          </dd>
        </div>
      </dl>
    </section>
  );
};

const ANNOUNCE_EVERY_MS = 15_000;

/** Tells readers of screens how far it is, now and then and politely. */
const Announced = ({ totals: { discovered, exported, skipped, failed } }: { readonly totals: Sums['totals'] }): ReactElement => {
  const { t } = useTranslation();
  const text = t('bar.of', { done: count(exported + skipped + failed), all: count(discovered) });
  const latest = useRef(text);
  const [said, setSaid] = useState('');
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => every(ANNOUNCE_EVERY_MS, () => setSaid(latest.current)), []);
  return (
    <p className="unseen" aria-live="polite">
      {said}
    </p>
  );
};

const useSlots = (projectId: string): readonly Slot[] => {
  const { data } = useQuery(throughputQuery(projectId));
  const minute = Math.floor(useNowMs(10_000) / 60_000);
  return useMemo(() => lastHour(data?.minutes ?? [], minute * 60_000), [data, minute]);
};

const Throughput = ({ projectId }: { readonly projectId: string }): ReactElement => {
  const { t } = useTranslation();
  const query = useQuery(throughputQuery(projectId));
  const slots = useSlots(projectId);
  return (
    <Section id="last-hour" title={t('hour.title')} action={<CliButton command={`pstream project throughput ${projectId}`} />}>
      <Read query={query}>{() => <LastHour slots={slots} />}</Read>
    </Section>
  );
};

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

const Mailboxes = ({
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
        <Input
          type="search"
          value={filter.q}
          placeholder={t('table.search')}
          aria-label={t('table.search')}
          onChange={(_event, { value }) => change({ q: value })}
        />
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
