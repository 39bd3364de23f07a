import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { allPages } from '@pstream/api/client';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { live, meQuery } from '../api/queries.js';
import { CliButton, Link, Name, PageHead } from '../parts/basics.js';
import { count, moment, plain } from '../parts/format.js';
import { NoExports, useLacks } from '../parts/no-right.js';
import { useMay } from '../parts/rights.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { PauseAllDialog, PauseDialog, PlanDialog, ResumeAllDialog, ResumeDialog } from './plan-dialogs.js';
import { DAYS, type Plan } from './window.js';
import { Search, Table } from '../parts/table.js';

type Plans = AnswerOf<'listPlans'>;

const MOST_SHOWN = 200;

const plansQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: async (): Promise<{ readonly items: readonly Plan[]; readonly paused: Plans['paused'] }> => {
    let paused: Plans['paused'] = null;
    const { items } = await allPages(async (query) => {
      const page = await client.listPlans({ query });
      paused = page.paused;
      return page;
    });
    return { items, paused };
  },
  ...live,
});

type Asked = { readonly what: 'plan' | 'pause' | 'resume'; readonly plan: Plan } | { readonly what: 'pause-all' | 'resume-all' };

/** What each project is bound to, what is at work, what waits, and what begins when. */
export const PlansPage = (): ReactElement => {
  const { t } = useTranslation();
  const seesNone = useLacks('exports.view');
  const plans = useQuery({ ...plansQuery, enabled: !seesNone });
  const me = useQuery(meQuery);
  const mayRun = useMay('exports.run');
  const mayAll = useMay('system');
  const [asked, setAsked] = useState<Asked | undefined>();
  const [q, setQ] = useState('');
  const close = (): void => setAsked(undefined);
  const wanted = q.trim().toLowerCase();
  if (seesNone) return <NoExports title={t('plan.title')} />;
  return (
    <>
      <PageHead title={t('plan.title')} updatedAtMs={plans.dataUpdatedAt}>
        {mayAll && plans.data?.paused === null ? (
          <Button size="small" onClick={() => setAsked({ what: 'pause-all' })}>
            {t('plan.pauseAll')}…
          </Button>
        ) : null}
        <CliButton command="pstream plan list" />
      </PageHead>
      <StaleBar updatedAtMs={plans.dataUpdatedAt} />
      {me.data === undefined || mayRun ? null : (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('plan.viewOnly', { role: t(`role.${me.data.role}`) })}</MessageBarBody>
        </MessageBar>
      )}
      <Read query={plans} lines={6}>
        {({ items, paused }) => {
          const found = items.filter(({ name }) => name.toLowerCase().includes(wanted));
          return (
            <>
              {paused === null ? null : (
                <MessageBar intent="warning" layout="multiline">
                  <MessageBarBody>
                    <MessageBarTitle>{t('plan.allPaused', { since: moment(paused.since) })}</MessageBarTitle>
                    <Name>{paused.reason}</Name>
                  </MessageBarBody>
                  {mayAll ? (
                    <MessageBarActions>
                      <Button onClick={() => setAsked({ what: 'resume-all' })}>{t('plan.resumeAll')}…</Button>
                    </MessageBarActions>
                  ) : null}
                </MessageBar>
              )}
              <section className="card" aria-label={t('plan.title')}>
                <Search label={t('projects.search')} value={q} onChange={setQ} of={items.length} />
                {items.length === 0 ? (
                  <Empty title={t('projects.none')}>
                    <Link to="/customers">{t('nav.customers')}</Link>
                  </Empty>
                ) : found.length === 0 ? (
                  <p className="quiet">{t('table.nothing')}</p>
                ) : (
                  <List plans={found.slice(0, MOST_SHOWN)} mayRun={mayRun} onAsk={(what, plan) => setAsked({ what, plan })} />
                )}
                {found.length > MOST_SHOWN ? (
                  <p className="quiet">{t('projects.more', { shown: count(MOST_SHOWN), total: count(found.length) })}</p>
                ) : null}
              </section>
            </>
          );
        }}
      </Read>
      {asked?.what === 'plan' ? <PlanDialog plan={asked.plan} onClose={close} /> : null}
      {asked?.what === 'pause' ? <PauseDialog plan={asked.plan} onClose={close} /> : null}
      {asked?.what === 'resume' ? <ResumeDialog plan={asked.plan} onClose={close} /> : null}
      {asked?.what === 'pause-all' ? <PauseAllDialog onClose={close} /> : null}
      {asked?.what === 'resume-all' ? <ResumeAllDialog onClose={close} /> : null}
    </>
  );
};

type TableProps = {
  readonly plans: readonly Plan[];
  readonly mayRun: boolean;
  readonly onAsk: (what: 'plan' | 'pause' | 'resume', plan: Plan) => void;
};

const List = ({ plans, mayRun, onAsk }: TableProps): ReactElement => {
  const { t } = useTranslation();
  return (
    <Table
      label={t('plan.title')}
      heads={[
        t('projects.name'),
        t('plan.now'),
        t('plan.working'),
        t('plan.next'),
        t('plan.window'),
        t('plan.limit'),
        ...(mayRun ? [t('people.actions')] : []),
      ]}
      stack
    >
      {plans.map((plan) => (
        <Line key={plan.projectId} plan={plan} mayRun={mayRun} onAsk={onAsk} />
      ))}
    </Table>
  );
};

const Line = ({ plan, mayRun, onAsk }: Omit<TableProps, 'plans'> & { readonly plan: Plan }): ReactElement => {
  const { t } = useTranslation();
  const { projectId, name, paused, window, maxMailboxes, endpointLimit, running, waiting, submitted, nextAt, opensAt } = plan;
  return (
    <tr>
      <th scope="row">
        <Link to="/projects/$projectId" params={{ projectId }}>
          <Name>{name}</Name>
        </Link>
      </th>
      <td>
        <Held plan={plan} />
        {paused === null ? null : (
          <div className="quiet">
            <Name>{paused.reason}</Name>
          </div>
        )}
        {opensAt === null ? null : <div className="quiet">{t('plan.opensAt', { at: moment(opensAt) })}</div>}
      </td>
      <td data-label={t('plan.working')}>
        {t('plan.counts', { running: count(running), waiting: count(waiting), submitted: count(submitted) })}
      </td>
      <td data-label={t('plan.next')}>{nextAt === null ? '–' : moment(nextAt)}</td>
      <td data-label={t('plan.window')}>{window === null ? t('plan.anyTime') : <Hours window={window} />}</td>
      <td data-label={t('plan.limit')}>
        {maxMailboxes === null ? t('plan.none') : count(maxMailboxes)}
        {endpointLimit === null ? null : <div className="quiet">{t('plan.ofSource', { limit: count(endpointLimit) })}</div>}
      </td>
      {mayRun ? (
        <td>
          <span className="row-actions">
            <Button size="small" aria-label={t('plan.editOf', { name: plain(name) })} onClick={() => onAsk('plan', plan)}>
              {t('plan.edit')}…
            </Button>
            {paused === null ? (
              <Button size="small" aria-label={t('plan.pauseOf', { name: plain(name) })} onClick={() => onAsk('pause', plan)}>
                {t('plan.pause')}…
              </Button>
            ) : (
              <Button size="small" aria-label={t('plan.resumeOf', { name: plain(name) })} onClick={() => onAsk('resume', plan)}>
                {t('plan.resume')}…
              </Button>
            )}
          </span>
        </td>
      ) : null}
    </tr>
  );
};

/** Whether mailboxes of a project are begun now, and if not, why. */
const Held = ({ plan: { heldBy } }: { readonly plan: Plan }): ReactElement => {
  const { t } = useTranslation();
  if (heldBy === null) return <Chip sign="✓" tone="good" word={t('plan.held.none')} />;
  const key = { 'plan.paused': 'all', 'plan.project-paused': 'project', 'plan.outside-window': 'window' } as const;
  return (
    <Chip
      sign={heldBy === 'plan.outside-window' ? '◷' : '◼'}
      tone={heldBy === 'plan.outside-window' ? 'quiet' : 'warn'}
      word={t(`plan.held.${key[heldBy]}`)}
    />
  );
};

const Hours = ({ window: { from, to, zone, days } }: { readonly window: NonNullable<Plan['window']> }): ReactElement => {
  const { t } = useTranslation();
  const shown = DAYS.filter((day) => days.includes(day));
  return (
    <>
      {t('plan.hours', { from, to })}
      <div className="quiet">
        {zone}
        {shown.length === DAYS.length ? '' : ` · ${shown.map((day) => t(`plan.day.${day}`)).join(', ')}`}
      </div>
    </>
  );
};
