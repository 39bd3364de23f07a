import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { projectQuery } from '../api/queries.js';
import { CliButton, Link, Name, PageHead } from '../parts/basics.js';
import { useMay } from '../parts/rights.js';
import { Empty, Read } from '../parts/states.js';
import { Links } from './links.js';

const route = getRouteApi('/projects/$projectId/report');

/** The report of a project, as it is saved, printed and shared. */
export const ReportPage = (): ReactElement => {
  const { t } = useTranslation();
  const { projectId } = route.useParams();
  const project = useQuery(projectQuery(projectId));
  const mayView = useMay('exports.view');
  const mayShare = useMay('reports.share');
  const [made, setMade] = useState(0);
  const address = `/v1/projects/${encodeURIComponent(projectId)}/report.html`;
  return (
    <>
      <PageHead
        title={t('report.title')}
        over={
          <Link to="/projects/$projectId" params={{ projectId }}>
            <Name>{project.data?.name ?? '…'}</Name>
          </Link>
        }
      >
        <Button size="small" onClick={() => setMade(made + 1)}>
          {t('report.again')}
        </Button>
        <Button size="small" as="a" href={address} target="_blank" rel="noopener">
          {t('report.print')}
        </Button>
        <Button size="small" as="a" href={address} download="report.html">
          {t('report.save')}
        </Button>
        <CliButton command={`pstream project report ${projectId} --html report.html`} />
      </PageHead>
      {!mayView ? (
        <Empty title={t('report.noRight')} />
      ) : (
        <Read query={project}>
          {() => (
            <>
              <p className="quiet">{t('report.about')}</p>
              <iframe key={made} title={t('report.title')} sandbox="" src={address} className="report" />
              {mayShare ? <Links projectId={projectId} /> : null}
            </>
          )}
        </Read>
      )}
    </>
  );
};
