import { Tab, TabList } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery, projectErrorsQuery, projectQuery } from '../api/queries.js';
import { ErrorGroups } from '../errors/error-groups.js';
import { CliButton, Link, Name, PageHead } from '../parts/basics.js';
import { Read, StaleBar } from '../parts/states.js';
import { useStore } from '../parts/store.js';
import { MailboxRows } from '../project/rows.js';
import { ERROR_STATES, type ErrorState } from '../search.js';

const route = getRouteApi('/projects/$projectId/errors');

/** The errors of a project by cause. */
export const ErrorsPage = (): ReactElement => {
  const { t } = useTranslation();
  const { projectId } = route.useParams();
  const { state = 'open' } = route.useSearch();
  const navigate = route.useNavigate();
  const project = useQuery(projectQuery(projectId));
  const errors = useQuery(projectErrorsQuery(projectId, state));
  const me = useQuery(meQuery);
  const table = useMemo(() => new MailboxRows(projectId), [projectId]);
  useEffect(() => table.open(), [table]);
  const { rows } = useStore(table.store);
  const names = useMemo(() => new Map(rows.map((row) => [row.mailboxJobId, row])), [rows]);
  return (
    <>
      <PageHead
        title={t('errors.title')}
        over={
          <>
            <Link to="/projects">{t('nav.projects')}</Link> ▸{' '}
            <Link to="/projects/$projectId" params={{ projectId }}>
              <Name>{project.data?.name ?? '…'}</Name>
            </Link>
          </>
        }
      >
        <CliButton command={`pstream project errors ${projectId}${state === 'open' ? '' : ` --state ${state}`}`} />
      </PageHead>
      <StaleBar updatedAtMs={errors.dataUpdatedAt} />
      <section className="card" aria-label={t('errors.title')}>
        <TabList
          size="small"
          selectedValue={state}
          aria-label={t('errors.states')}
          onTabSelect={(_event, { value }) => void navigate({ search: { state: value as ErrorState }, replace: true })}
        >
          {ERROR_STATES.map((each) => (
            <Tab key={each} value={each}>
              {t(`errors.tab.${each}`)}
            </Tab>
          ))}
        </TabList>
        <Read query={errors} lines={6}>
          {({ items, total }) => (
            <ErrorGroups
              items={items}
              total={total}
              projectId={projectId}
              names={names}
              mayRun={me.data?.rights.includes('exports.run') ?? false}
            />
          )}
        </Read>
      </section>
    </>
  );
};
