import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery } from '../api/queries.js';
import { ActionMenu } from '../parts/action-menu.js';
import { CliButton, Link, Name, PageHead } from '../parts/basics.js';
import { moment, plain } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { AgentDialog, InviteDialog, type AgentStep } from './agent-dialogs.js';
import { peopleQuery, type Agent } from './queries.js';
import { givenBy, RolesTable } from './roles.js';
import { WorkgroupSection } from './workgroup.js';
import { Search, Table } from '../parts/table.js';

const LOOKS = { invited: ['◷', 'busy'], active: ['✓', 'good'], inactive: ['◼', 'quiet'] } as const;

/** Who works in the workgroup, what they may do, and the workgroup itself. */
export const PeoplePage = (): ReactElement => {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  const people = useQuery(peopleQuery);
  const mayManage = useMay('people.manage');
  const [inviting, setInviting] = useState(false);
  const [q, setQ] = useState('');
  const wanted = q.trim().toLowerCase();
  return (
    <>
      <PageHead title={t('people.title')} updatedAtMs={people.dataUpdatedAt}>
        {mayManage ? (
          <Button size="small" appearance="primary" onClick={() => setInviting(true)}>
            {t('people.invite')}…
          </Button>
        ) : null}
        <CliButton command="pstream people list" />
        <Link to="/account">{t('people.tokens')}</Link>
      </PageHead>
      <StaleBar updatedAtMs={people.dataUpdatedAt} />
      {me.data === undefined || mayManage ? null : (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('people.viewOnly', { role: t(`role.${me.data.role}`) })}</MessageBarBody>
        </MessageBar>
      )}
      <section className="card" aria-label={t('people.title')}>
        <Read query={people}>
          {({ items }) => {
            if (items.length === 0)
              return (
                <Empty title={t('people.none')}>
                  <p>{t('people.noneNext')}</p>
                  {mayManage ? <Button onClick={() => setInviting(true)}>{t('people.invite')}…</Button> : null}
                </Empty>
              );
            const found = items.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wanted));
            return (
              <>
                <Search label={t('people.search')} value={q} onChange={setQ} of={items.length} />
                {found.length === 0 ? <p className="quiet">{t('table.nothing')}</p> : <People agents={found} />}
              </>
            );
          }}
        </Read>
        <RolesTable />
      </section>
      <WorkgroupSection />
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
    </>
  );
};

const People = ({ agents }: { readonly agents: readonly Agent[] }): ReactElement => {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  const mayManage = useMay('people.manage');
  const [asked, setAsked] = useState<{ readonly agent: Agent; readonly step: AgentStep } | undefined>();
  return (
    <>
      <Table
        label={t('people.title')}
        heads={[t('people.name'), t('people.role'), t('people.status'), t('people.since'), ...(mayManage ? [t('people.actions')] : [])]}
        stack
      >
        {agents.map((agent) => (
          <tr key={agent.agentId}>
            <th scope="row">
              <Name>{agent.name}</Name> {agent.agentId === me.data?.id ? <span className="quiet">{t('people.you')}</span> : null}
              {agent.email === agent.name ? null : (
                <div className="quiet">
                  <Name>{agent.email}</Name>
                </div>
              )}
            </th>
            <td data-label={t('people.role')}>{t(`role.${agent.role}`)}</td>
            <td>
              <Chip sign={LOOKS[agent.status][0]} tone={LOOKS[agent.status][1]} word={t(`people.is.${agent.status}`)} />
            </td>
            <td data-label={t('people.since')}>{moment(agent.acceptedAt ?? agent.invitedAt)}</td>
            {mayManage ? (
              <td>
                {givenBy(me.data?.role).includes(agent.role) ? (
                  <Actions agent={agent} onStep={(step) => setAsked({ agent, step })} />
                ) : (
                  <span className="quiet">{t('people.above')}</span>
                )}
              </td>
            ) : null}
          </tr>
        ))}
      </Table>
      {asked === undefined ? null : <AgentDialog agent={asked.agent} step={asked.step} onClose={() => setAsked(undefined)} />}
    </>
  );
};

const Actions = ({ agent, onStep }: { readonly agent: Agent; readonly onStep: (step: AgentStep) => void }): ReactElement => {
  const { t } = useTranslation();
  const isActive = agent.status !== 'inactive';
  const steps: readonly AgentStep[] = ['role', ...(isActive ? (['link', 'deactivate'] as const) : (['activate'] as const)), 'remove'];
  return (
    <ActionMenu
      label={t('people.actions')}
      of={t('people.actionsOf', { name: plain(agent.name) })}
      steps={steps}
      word={(step) => t(`people.step.${step}`)}
      onStep={onStep}
    />
  );
};
