// The page of a project, and the dialogs that it opens.
import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useMemo, useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { customerQuery, meQuery, projectQuery, queries } from '../api/queries.js';
import { DiscoveryScreen } from '../discovery/screen.js';
import { useEnforced } from '../licences/queries.js';
import { ActionMenu } from '../parts/action-menu.js';
import { CliButton, Copyable, Link, Name, PageHead } from '../parts/basics.js';
import { plain } from '../parts/format.js';
import { Read, StaleBar } from '../parts/states.js';
import { useStore } from '../parts/store.js';
import { ActionDialog } from '../project/action-dialog.js';
import type { Action } from '../project/actions.js';
import { Attention } from '../project/attention.js';
import { CloseDialog } from '../project/close-dialog.js';
import { ChangeDialog } from '../project/change-dialog.js';
import type { Change } from '../project/changes.js';
import { Mailboxes, type TableFilter } from '../project/mailboxes.js';
import { Progress, Throughput } from '../project/progress.js';
import { MailboxRows } from '../project/rows.js';
import type { Row } from '../project/views.js';
import { BulkAdd } from '../setup/bulk-add.js';
import { BundlesDialog } from '../setup/bundles-dialog.js';
import { EditProjectDialog, RemoveDialog } from '../setup/edit-dialogs.js';
import { OptionsDialog } from '../setup/options-dialog.js';

const route = getRouteApi('/projects/$projectId');

const STEP_WORDS = { edit: 'edit.project', close: 'closing.title', remove: 'edit.removeProject' } as const;

/** The night screen: how far a project is, what needs somebody, and each of its mailboxes. */
export const ProjectPage = (): ReactElement => {
  const { projectId } = route.useParams();
  const project = useQuery(projectQuery(projectId));
  if (project.data?.type === 'discovery')
    return (
      <DiscoveryScreen
        key={projectId}
        project={project.data}
        over={<Over customerId={project.data.customerId} />}
        updatedAtMs={project.dataUpdatedAt}
      />
    );
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
  const [editing, setEditing] = useState<'edit' | 'close' | 'remove' | undefined>();
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
        {hasRight && project.data !== undefined ? (
          <ActionMenu
            label={t('edit.more')}
            steps={isClosed ? (['close', 'remove'] as const) : (['edit', 'close', 'remove'] as const)}
            word={(step) => t(step === 'close' && isClosed ? 'closing.again' : STEP_WORDS[step])}
            onStep={setEditing}
          />
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
      {choosing ? <OptionsDialog projectId={projectId} onClose={() => setChoosing(false)} /> : null}
      {licensing === undefined || customerId === undefined ? null : (
        <BundlesDialog customerId={customerId} users={licensing.map(({ source }) => source)} onClose={() => setLicensing(undefined)} />
      )}
      {editing === 'edit' ? <EditProjectDialog projectId={projectId} onClose={() => setEditing(undefined)} /> : null}
      {editing === 'close' ? (
        <CloseDialog projectId={projectId} name={name} isClosed={isClosed} onClose={() => setEditing(undefined)} />
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

/** The filter is in the address, so that it can be kept, shared and gone back to. */
const useFilter = (): TableFilter => {
  const { view = 'all', q = '', code = '', status = '', sort = 'source', desc = false } = route.useSearch();
  const navigate = route.useNavigate();
  return {
    filter: { view, q, code, status, sort, descending: desc },
    change: (change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
  };
};
