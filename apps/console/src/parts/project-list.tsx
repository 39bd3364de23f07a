import { useQueries, useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { projectQuery, projectsQuery } from '../api/queries.js';
import { BROKEN, RUNNING } from '../project/views.js';
import type { ProjectSort } from '../search.js';
import { Link, Name } from './basics.js';
import { isCounting, TotalsBar } from './bar.js';
import { count } from './format.js';
import { Empty, Read } from './states.js';
import { Table } from './table.js';

type Project = AnswerOf<'listProjects'>['items'][number];
type Sums = AnswerOf<'getProject'>['sums'];

const of = (sums: Sums | undefined, statuses: readonly string[]): number =>
  statuses.reduce((sum, status) => sum + (sums?.statuses[status] ?? 0), 0);

/** Sums are read of so many projects; a longer list is searched by name. */
const MOST_WITH_SUMS = 100;

const VALUE: Readonly<Record<Exclude<ProjectSort, 'name'>, (sums: Sums | undefined) => number>> = {
  running: (sums) => of(sums, RUNNING),
  attention: (sums) => of(sums, BROKEN),
  done: (sums) => of(sums, ['Completed']),
  mailboxes: (sums) => sums?.mailboxes ?? 0,
};

type ListProps = { readonly by: ProjectSort; readonly most: number; readonly q?: string; readonly customerId?: string };

/** Projects with what their mailboxes come to; each number leads to the mailboxes that it counts. */
export const ProjectList = ({ by, most, q = '', customerId }: ListProps): ReactElement => {
  const { t } = useTranslation();
  const projects = useQuery(projectsQuery);
  return (
    <Read query={projects}>
      {({ items }) => {
        const wanted = q.trim().toLowerCase();
        const found = items.filter(
          (project) => (customerId === undefined || project.customerId === customerId) && project.name.toLowerCase().includes(wanted),
        );
        if (items.length === 0) return <Empty title={t('projects.none')} />;
        if (found.length === 0) return <Empty title={wanted === '' ? t('projects.none') : t('table.nothing')} />;
        return <Summed projects={found} by={by} most={most} />;
      }}
    </Read>
  );
};

const Summed = ({
  projects,
  by,
  most,
}: {
  readonly projects: readonly Project[];
  readonly by: ProjectSort;
  readonly most: number;
}): ReactElement => {
  const { t } = useTranslation();
  const some = projects.slice(0, MOST_WITH_SUMS);
  const sums = useQueries({ queries: some.map(({ projectId }) => projectQuery(projectId)) });
  const rows = some.map((project, at) => ({ project, sums: sums[at]?.data?.sums, discovery: sums[at]?.data?.discovery ?? null }));
  if (by !== 'name') rows.sort((a, b) => VALUE[by](b.sums) - VALUE[by](a.sums));
  return (
    <>
      <Table
        label={t('nav.projects')}
        heads={[
          t('projects.name'),
          t('projects.progress'),
          t('projects.mailboxes'),
          t('view.running'),
          t('view.attention'),
          t('view.done'),
        ]}
      >
        {rows.slice(0, most).map(({ project, sums: its, discovery }) => (
          <Line key={project.projectId} project={project} sums={its} discovery={discovery} />
        ))}
      </Table>
      {projects.length > Math.min(most, MOST_WITH_SUMS) ? (
        <p className="quiet">{t('projects.more', { shown: count(Math.min(most, rows.length)), total: count(projects.length) })}</p>
      ) : null}
    </>
  );
};

type LineProps = {
  readonly project: Project;
  readonly sums: Sums | undefined;
  readonly discovery: AnswerOf<'getProject'>['discovery'];
};

const Line = ({ project, sums, discovery }: LineProps): ReactElement => {
  const { t } = useTranslation();
  const { projectId } = project;
  const number = (value: number, view: 'running' | 'attention' | 'done' | undefined): ReactElement => (
    <td>
      <Link to="/projects/$projectId" params={{ projectId }} search={view === undefined ? {} : { view }}>
        {sums === undefined ? '…' : count(value)}
      </Link>
    </td>
  );
  return (
    <tr>
      <th scope="row">
        <Link to="/projects/$projectId" params={{ projectId }}>
          <Name>{project.name}</Name>
        </Link>
        <span className="quiet"> {t(`projects.type.${project.type}`)}</span>
      </th>
      {project.type === 'discovery' ? (
        // It has no mailboxes, so nothing is running and nothing is done.
        <td className="bar-cell" colSpan={5}>
          {discovery === null ? null : t('projects.sums', { found: count(discovery.sums.found), uploaded: count(discovery.sums.uploaded) })}
        </td>
      ) : (
        <>
          <td className="bar-cell">
            {sums === undefined ? null : (
              <TotalsBar totals={sums.totals} counting={isCounting(sums)} label={t('bar.labelOf', { name: project.name })} />
            )}
          </td>
          {number(sums?.mailboxes ?? 0, undefined)}
          {number(VALUE.running(sums), 'running')}
          {number(VALUE.attention(sums), 'attention')}
          {number(VALUE.done(sums), 'done')}
        </>
      )}
    </tr>
  );
};
