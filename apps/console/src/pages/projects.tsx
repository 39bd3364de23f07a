import { Tab, TabList } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CliButton, PageHead } from '../parts/basics.js';
import { ProjectList } from '../parts/project-list.js';
import { Search } from '../parts/table.js';
import { PROJECT_SORTS, type ProjectSort } from '../search.js';

const route = getRouteApi('/projects');

/** Every project with its sums. */
export const ProjectsPage = (): ReactElement => {
  const { t } = useTranslation();
  const { q = '', by = 'name' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHead title={t('nav.projects')}>
        <CliButton command="pstream project list" />
      </PageHead>
      <section className="card" aria-label={t('nav.projects')}>
        <div className="toolbar">
          <TabList
            size="small"
            selectedValue={by}
            aria-label={t('projects.sortBy')}
            onTabSelect={(_event, { value }) =>
              void navigate({ search: (before) => ({ ...before, by: value as ProjectSort }), replace: true })
            }
          >
            {PROJECT_SORTS.map((sort) => (
              <Tab key={sort} value={sort}>
                {t(`projects.by.${sort}`)}
              </Tab>
            ))}
          </TabList>
          <Search
            label={t('projects.search')}
            value={q}
            onChange={(typed) => void navigate({ search: (before) => ({ ...before, q: typed }), replace: true })}
          />
        </div>
        <ProjectList by={by} q={q} most={100} />
      </section>
    </>
  );
};
