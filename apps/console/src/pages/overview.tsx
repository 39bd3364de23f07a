import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { healthQuery, licencesQuery, meQuery, overviewQuery, versionQuery, viewsQuery } from '../api/queries.js';
import { orderState, SOON_DAYS } from '../licences/orders.js';
import { useEnforced } from '../licences/queries.js';
import { CliButton, Link, PageHead, Section, useNowMs } from '../parts/basics.js';
import { isCounting, TotalsBar, TotalsText } from '../parts/bar.js';
import { count } from '../parts/format.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { ProjectList } from '../parts/project-list.js';
import { BROKEN } from '../project/views.js';

const sumOf = (statuses: Readonly<Record<string, number>>, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + (statuses[name] ?? 0), 0);

/** All projects at once: what runs, what waits, what needs somebody, and whether the services are well. */
export const OverviewPage = (): ReactElement => {
  const { data } = useQuery(meQuery);
  return data === undefined || data.rights.includes('exports.view') ? <Exports /> : <WithoutExports role={data.role} />;
};

/** What is left of the overview for a role that sees no exports. */
const WithoutExports = ({ role }: { readonly role: AnswerOf<'getMe'>['role'] }): ReactElement => {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('nav.overview')} />
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>{t('state.noExports', { role: t(`role.${role}`) })}</MessageBarBody>
      </MessageBar>
      <Capacity />
    </>
  );
};

const Exports = (): ReactElement => {
  const { t } = useTranslation();
  const overview = useQuery(overviewQuery);
  return (
    <>
      <PageHead title={t('nav.overview')} updatedAtMs={overview.dataUpdatedAt}>
        <CliButton command="pstream admin overview" />
      </PageHead>
      <StaleBar updatedAtMs={overview.dataUpdatedAt} />
      <Read query={overview}>
        {({ sums, openDeadLetters }) => {
          const held = Object.values(sums.held).reduce((sum, mailboxes) => sum + mailboxes, 0);
          const broken = sumOf(sums.statuses, BROKEN);
          return (
            <>
              <ul className="tiles">
                <Tile number={sumOf(sums.statuses, ['Verifying', 'Migrating', 'Stopping'])} by="running">
                  {t('overview.running')}
                </Tile>
                <Tile number={sumOf(sums.statuses, ['Submitted', 'Queued'])} by="running">
                  {t('overview.queued')}
                </Tile>
                <Tile number={held} by="running">
                  {t('overview.held')}
                </Tile>
                <Tile number={broken} by="attention" bad={broken > 0}>
                  {t('overview.attention')}
                </Tile>
                <Tile number={sums.openErrors} by="attention" bad={sums.openErrors > 0}>
                  {t('overview.openErrors')}
                </Tile>
                <Tile number={sumOf(sums.statuses, ['Completed'])} by="done">
                  {t('overview.done')}
                </Tile>
              </ul>
              <section className="card progress" aria-label={t('progress.label')}>
                <TotalsBar totals={sums.totals} counting={isCounting(sums)} />
                <TotalsText totals={sums.totals} counting={isCounting(sums)} />
                {Object.keys(sums.held).length === 0 ? null : (
                  <p className="quiet">
                    {t('overview.heldBy')}{' '}
                    {Object.entries(sums.held).map(([code, mailboxes]) => (
                      <span key={code} className="pair">
                        <code>{code}</code> {count(mailboxes)}
                      </span>
                    ))}
                  </p>
                )}
              </section>
              <div className="columns">
                <ServiceHealth openDeadLetters={Object.values(openDeadLetters).reduce((sum, letters) => sum + letters, 0)} />
                <Capacity />
              </div>
              <Section id="projects" title={t('nav.projects')} action={<Link to="/projects">{t('overview.allProjects')}</Link>}>
                {sums.mailboxes === 0 ? (
                  <Empty title={t('overview.empty')}>
                    <p>{t('overview.emptyNext')}</p>
                    <Link to="/start">{t('start.open')}</Link>
                  </Empty>
                ) : (
                  <ProjectList by="attention" most={10} />
                )}
              </Section>
            </>
          );
        }}
      </Read>
    </>
  );
};

type TileProps = {
  readonly number: number;
  readonly by: 'running' | 'attention' | 'done';
  readonly bad?: boolean;
  readonly children: ReactNode;
};

/** A number, and the projects that it counts. */
const Tile = ({ number, by, bad, children }: TileProps): ReactElement => (
  <li>
    <Link to="/projects" search={{ by }} className={bad === true ? 'tile bad' : 'tile'}>
      <strong>{count(number)}</strong>
      <span>{children}</span>
    </Link>
  </li>
);

const ServiceHealth = ({ openDeadLetters }: { readonly openDeadLetters: number }): ReactElement => {
  const { t } = useTranslation();
  const health = useQuery(healthQuery);
  const me = useQuery(meQuery);
  const views = useQuery({ ...viewsQuery, enabled: me.data?.rights.includes('system') ?? false });
  const version = useQuery(versionQuery);
  const rebuilding = views.data?.items.filter(({ rebuild }) => rebuild?.state === 'running' || rebuild?.state === 'requested') ?? [];
  return (
    <Section id="health" title={t('health.title')} command="pstream admin health">
      <Read query={health} lines={2}>
        {() => (
          <ul className="plain">
            <li>
              <Chip sign="✓" tone="good" word={t('health.answers')} />{' '}
              {version.data === undefined ? '' : t('health.version', { version: version.data.version })}
            </li>
            <li>
              {openDeadLetters === 0 ? (
                <Chip sign="✓" tone="good" word={t('health.noDeadLetters')} />
              ) : (
                <>
                  <Chip sign="!" tone="warn" word={t('health.deadLetters', { count: openDeadLetters })} />{' '}
                  <CliButton command="pstream admin dead-letters list" />
                </>
              )}
            </li>
            {views.data === undefined ? null : (
              <li>
                {rebuilding.length === 0 ? (
                  <Chip sign="✓" tone="good" word={t('health.views', { count: views.data.items.length })} />
                ) : (
                  <Chip sign="⟳" tone="busy" word={t('health.rebuilding', { names: rebuilding.map(({ name }) => name).join(', ') })} />
                )}
              </li>
            )}
          </ul>
        )}
      </Read>
    </Section>
  );
};

const MINUTE_MS = 60_000;

/** What licences are left; where none is needed, nothing. */
const Capacity = (): ReactElement | null => {
  const { t } = useTranslation();
  const isEnforced = useEnforced();
  const licences = useQuery({ ...licencesQuery, enabled: isEnforced });
  const nowMs = useNowMs(MINUTE_MS);
  if (!isEnforced) return null;
  return (
    <Section
      id="licences"
      title={t('licences.title')}
      action={<Link to="/licences">{t('licence.orders')}</Link>}
      command="pstream licence list"
    >
      <Read query={licences} lines={2}>
        {({ released, applied, orders }) => {
          const awaiting = orders.filter(({ status }) => status === 'awaiting-payment').length;
          const soon = orders.filter((order) => orderState(order, nowMs) === 'ends-soon').length;
          return (
            <ul className="plain">
              <li>{t('licences.left', { count: released - applied, left: count(released - applied), released: count(released) })}</li>
              <li>{t('licences.applied', { count: applied, applied: count(applied) })}</li>
              {awaiting === 0 ? null : <li>{t('licences.awaiting', { count: awaiting })}</li>}
              {soon === 0 ? null : (
                <li>
                  <Chip sign="!" tone="warn" word={t('licence.soonShort', { count: soon, orders: count(soon), days: SOON_DAYS })} />
                </li>
              )}
            </ul>
          );
        }}
      </Read>
    </Section>
  );
};
