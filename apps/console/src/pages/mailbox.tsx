import { Button, MessageBar, MessageBarBody, MessageBarTitle, Tab, TabList } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { mailboxErrorsQuery, mailboxQuery, meQuery, partsQuery, passesQuery, projectQuery } from '../api/queries.js';
import { ActionMenu } from '../parts/action-menu.js';
import { CliButton, Copyable, Link, Name, PageHead } from '../parts/basics.js';
import { TotalsBar, TotalsText } from '../parts/bar.js';
import { count, duration, moment } from '../parts/format.js';
import { Read, StaleBar } from '../parts/states.js';
import { StatusChip } from '../parts/status.js';
import { ErrorGroups } from '../errors/error-groups.js';
import { CauseBar } from '../mailbox/cause-bar.js';
import { Checks } from '../mailbox/checks.js';
import { Folders } from '../mailbox/folders.js';
import { Parts } from '../mailbox/parts.js';
import { Timeline } from '../mailbox/timeline.js';
import { MailboxActionDialog } from '../project/action-dialog.js';
import { ACTIONS, reasonAgainst, type Action } from '../project/actions.js';
import { ChangeDialog } from '../project/change-dialog.js';
import { CHANGES, type Change } from '../project/changes.js';
import { isOpen, type Row } from '../project/views.js';
import { EditMailboxDialog } from '../setup/edit-dialogs.js';
import { MAILBOX_TABS, type MailboxTab } from '../search.js';

const route = getRouteApi('/mailboxes/$mailboxId');

/** One mailbox: how far it is, and why. */
export const MailboxPage = (): ReactElement => {
  const { t } = useTranslation();
  const { mailboxId } = route.useParams();
  const { tab = 'folders' } = route.useSearch();
  const navigate = route.useNavigate();
  const mailbox = useQuery(mailboxQuery(mailboxId));
  const me = useQuery(meQuery);
  const [acting, setActing] = useState<Action | undefined>();
  const [changing, setChanging] = useState<Change | 'edit' | undefined>();
  const row = mailbox.data;
  const mayRun = me.data?.rights.includes('exports.run') ?? false;
  return (
    <>
      <PageHead
        title={row === undefined ? '…' : <Name>{row.source}</Name>}
        over={row === undefined ? null : <Over projectId={row.projectId} />}
        updatedAtMs={mailbox.dataUpdatedAt}
      >
        {row === undefined || !mayRun
          ? null
          : ACTIONS.filter((action) => reasonAgainst(action, row) === undefined).map((action) => (
              <Button key={action} size="small" onClick={() => setActing(action)}>
                {t(`action.${action}`)}…
              </Button>
            ))}
        {row !== undefined && mayRun ? (
          <ActionMenu
            label={t('edit.more')}
            steps={['edit', ...CHANGES] as const}
            word={(step) => (step === 'edit' ? t('edit.mailbox') : t(`edit.change.${step}`))}
            onStep={setChanging}
          />
        ) : null}
        {row === undefined ? null : (
          <Button
            size="small"
            as="a"
            href={`/v1/projects/${encodeURIComponent(row.projectId)}/report.html#m-${encodeURIComponent(mailboxId)}`}
            target="_blank"
            rel="noopener"
          >
            {t('report.open')}
          </Button>
        )}
        <CliButton command={`pstream mailbox show ${mailboxId}`} />
        <Copyable text={mailboxId} label={t('mailbox.id')} short />
      </PageHead>
      <StaleBar updatedAtMs={mailbox.dataUpdatedAt} />
      <Read query={mailbox}>
        {(data) => (
          <>
            <Summary row={data} />
            <section className="card">
              <TabList
                selectedValue={tab}
                aria-label={t('mailbox.tabs')}
                onTabSelect={(_event, { value }) => void navigate({ search: { tab: value as MailboxTab }, replace: true })}
              >
                {MAILBOX_TABS.map((each) => (
                  <Tab key={each} value={each}>
                    {t(`mailbox.tab.${each}`)} {amountOf(each, data)}
                  </Tab>
                ))}
              </TabList>
              {tab === 'folders' ? <Folders mailboxId={mailboxId} /> : null}
              {tab === 'errors' ? <Errors row={data} mayRun={mayRun} /> : null}
              {tab === 'parts' ? <Parts row={data} /> : null}
              {tab === 'passes' ? <Passes row={data} /> : null}
              {tab === 'checks' ? <Checks row={data} /> : null}
            </section>
          </>
        )}
      </Read>
      {changing === 'edit' ? <EditMailboxDialog mailboxJobId={mailboxId} onClose={() => setChanging(undefined)} /> : null}
      {changing === undefined || changing === 'edit' || row === undefined ? null : (
        <ChangeDialog
          change={changing}
          projectId={row.projectId}
          selected={[row]}
          total={Infinity}
          onClose={(done) => {
            setChanging(undefined);
            // A mailbox that is gone has no page.
            if (changing === 'remove' && done) void navigate({ to: '/projects/$projectId', params: { projectId: row.projectId } });
          }}
        />
      )}
      {acting === undefined || row === undefined ? null : (
        <MailboxActionDialog action={acting} row={row} onClose={() => setActing(undefined)} />
      )}
    </>
  );
};

const amountOf = (tab: MailboxTab, row: Row): string => {
  const amounts: Readonly<Record<MailboxTab, number>> = {
    folders: row.folders,
    errors: row.openErrors,
    parts: row.parts,
    passes: row.pass?.number ?? 0,
    checks: row.checks.length,
  };
  return amounts[tab] === 0 ? '' : count(amounts[tab]);
};

const Over = ({ projectId }: { readonly projectId: string }): ReactElement => {
  const { t } = useTranslation();
  const project = useQuery(projectQuery(projectId));
  return (
    <>
      <Link to="/projects">{t('nav.projects')}</Link> ▸{' '}
      <Link to="/projects/$projectId" params={{ projectId }}>
        <Name>{project.data?.name ?? '…'}</Name>
      </Link>
    </>
  );
};

const Summary = ({ row }: { readonly row: Row }): ReactElement => {
  const { t } = useTranslation();
  const waits = Object.entries(row.waits);
  return (
    <section className="card progress" aria-label={t('progress.label')}>
      <p>
        <StatusChip status={row.status} />{' '}
        <span className="quiet">
          {t('mailbox.to')} <Name>{row.destination}</Name>
        </span>
      </p>
      <TotalsBar totals={row.totals} counting={row.listing === 'going-on' && isOpen(row)} />
      <TotalsText totals={row.totals} counting={row.listing === 'going-on' && isOpen(row)} />
      <CauseBar cause={row.cause} />
      {row.held === null ? null : (
        <MessageBar intent={row.held.kind === 'fault' ? 'warning' : 'info'} layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t(`held.${row.held.kind}`, { code: row.held.limit ?? row.held.code })}</MessageBarTitle>
            {row.held.until === null
              ? t('held.since', { since: moment(row.held.since) })
              : t('held.times', { since: moment(row.held.since), until: moment(row.held.until) })}{' '}
            {row.held.advice ?? ''}
          </MessageBarBody>
        </MessageBar>
      )}
      {waits.length === 0 ? null : (
        <p className="quiet">
          {t('mailbox.waits')}{' '}
          {waits.map(([limit, { times, ms }]) => (
            <span key={limit} className="pair">
              <code>{limit}</code> {t('mailbox.waited', { count: times, time: duration(ms) })}
            </span>
          ))}
        </p>
      )}
      {row.doubts + row.mime + row.leftOut === 0 ? null : (
        <p className="quiet">
          {row.doubts === 0 ? '' : `${t('mailbox.doubts', { count: row.doubts })} `}
          {row.mime === 0 ? '' : `${t('mailbox.mime', { count: row.mime })} `}
          {row.leftOut === 0 ? '' : t('mailbox.leftOut', { count: row.leftOut })}
        </p>
      )}
    </section>
  );
};

const Errors = ({ row, mayRun }: { readonly row: Row; readonly mayRun: boolean }): ReactElement => {
  const errors = useQuery(mailboxErrorsQuery(row.mailboxJobId, 'all'));
  return (
    <Read query={errors}>
      {({ items, total }) => (
        <ErrorGroups items={items} total={total} projectId={row.projectId} names={new Map([[row.mailboxJobId, row]])} mayRun={mayRun} />
      )}
    </Read>
  );
};

const Passes = ({ row }: { readonly row: Row }): ReactElement => {
  const parts = useQuery(partsQuery(row.mailboxJobId));
  const passes = useQuery(passesQuery(row.mailboxJobId));
  return (
    <>
      <Read query={passes}>
        {({ items }) => <Read query={parts}>{({ items: all }) => <Timeline row={row} parts={all} passes={items} />}</Read>}
      </Read>
      <CliButton command={`pstream mailbox passes ${row.mailboxJobId}`} />
    </>
  );
};
