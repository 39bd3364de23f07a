import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { projectsQuery } from '../api/queries.js';
import { ActionMenu } from '../parts/action-menu.js';
import { CliButton, Link, Name, PageHead, Section } from '../parts/basics.js';
import { plain } from '../parts/format.js';
import { NoRight, useLacks } from '../parts/no-right.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { ReadToEdit } from '../parts/tagged.js';
import { RestDialog, RemoveSubscriptionDialog, TestDialog } from './dialogs.js';
import { kindName } from './kind.js';
import { subscriptionsQuery, type Subscription } from './queries.js';
import { Sent } from './sent.js';
import { SubscriptionDialog } from './subscription-dialog.js';
import { Table } from '../parts/table.js';

const STEPS = ['edit', 'rest', 'remove'] as const;
type Step = (typeof STEPS)[number] | 'test';
type Asked = { readonly step: Step; readonly subscription: Subscription };

/** Who is notified of what, and what became of each notice. */
export const NoticesPage = (): ReactElement => {
  const { t } = useTranslation();
  const lacks = useLacks('notices.manage');
  const subscriptions = useQuery({ ...subscriptionsQuery, enabled: !lacks });
  const [adding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Asked | undefined>();
  const close = (): void => setAsked(undefined);
  if (lacks) return <NoRight title={t('notice.title')} />;
  return (
    <>
      <PageHead title={t('notice.title')} updatedAtMs={subscriptions.dataUpdatedAt}>
        <Button size="small" appearance="primary" onClick={() => setAdding(true)}>
          {t('notice.add')}…
        </Button>
        <Link to="/notices/templates">{t('template.title')}</Link>
        <CliButton command="pstream notice list" />
      </PageHead>
      <StaleBar updatedAtMs={subscriptions.dataUpdatedAt} />
      <Section id="subscriptions" title={t('notice.who')}>
        <Read query={subscriptions}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t('notice.none')}>
                <p>{t('notice.noneNext')}</p>
                <Button onClick={() => setAdding(true)}>{t('notice.add')}…</Button>
              </Empty>
            ) : (
              <Subscriptions items={items} onAsk={setAsked} />
            )
          }
        </Read>
      </Section>
      <Sent subscriptions={subscriptions.data?.items ?? []} enabled={!lacks} />
      {adding ? <SubscriptionDialog onClose={() => setAdding(false)} /> : null}
      {asked === undefined ? null : asked.step === 'test' ? (
        <TestDialog subscription={asked.subscription} onClose={close} />
      ) : (
        <ChangeDialog step={asked.step} subscription={asked.subscription} onClose={close} />
      )}
    </>
  );
};

type ChangeProps = { readonly step: (typeof STEPS)[number]; readonly subscription: Subscription; readonly onClose: () => void };

/** Changes a subscription as it is when the dialog opens. */
const ChangeDialog = ({ step, subscription: { subscriptionId, name }, onClose }: ChangeProps): ReactElement => (
  <ReadToEdit id="getSubscription" args={{ params: { subscriptionId } }} title={plain(name)} onClose={onClose}>
    {(subscription, seen) => {
      if (step === 'edit') return <SubscriptionDialog before={subscription} seen={seen} onClose={onClose} />;
      if (step === 'rest') return <RestDialog subscription={subscription} seen={seen} onClose={onClose} />;
      return <RemoveSubscriptionDialog subscription={subscription} seen={seen} onClose={onClose} />;
    }}
  </ReadToEdit>
);

type ListProps = { readonly items: readonly Subscription[]; readonly onAsk: (asked: Asked) => void };

const Subscriptions = ({ items, onAsk }: ListProps): ReactElement => {
  const { t } = useTranslation();
  return (
    <Table
      label={t('notice.who')}
      heads={[t('notice.name'), t('notice.to'), t('notice.about'), t('notice.project'), t('notice.status'), t('people.actions')]}
      stack
    >
      {items.map((subscription) => (
        <Line key={subscription.subscriptionId} subscription={subscription} onAsk={onAsk} />
      ))}
    </Table>
  );
};

const Line = ({ subscription, onAsk }: { readonly subscription: Subscription; readonly onAsk: ListProps['onAsk'] }): ReactElement => {
  const { t } = useTranslation();
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const { name, channel, to, host, kinds, projectId, active } = subscription;
  const label = (step: string): string => `${step}: ${plain(name)}`;
  return (
    <tr>
      <th scope="row">
        <Name>{name}</Name>
      </th>
      <td data-label={t('notice.to')}>
        {t(`notice.channel.${channel}`)}
        {(host === null ? to : [host]).map((each) => (
          <div key={each} className="quiet">
            <Name>{each}</Name>
          </div>
        ))}
      </td>
      <td data-label={t('notice.about')}>{kinds.map((kind) => kindName(t, kind)).join(', ')}</td>
      <td data-label={t('notice.project')}>
        {projectId === null ? (
          t('notice.all')
        ) : (
          <Name>{projects.find((project) => project.projectId === projectId)?.name ?? projectId}</Name>
        )}
      </td>
      <td>
        {active ? <Chip sign="✓" tone="good" word={t('notice.active')} /> : <Chip sign="◼" tone="quiet" word={t('notice.resting')} />}
      </td>
      <td>
        <span className="row-actions">
          <Button size="small" aria-label={label(t('notice.test'))} onClick={() => onAsk({ step: 'test', subscription })}>
            {t('notice.test')}…
          </Button>
          <ActionMenu
            label={t('people.actions')}
            of={label(t('people.actions'))}
            steps={STEPS}
            word={(step) => t(`notice.step.${step === 'rest' && !active ? 'goOn' : step}`)}
            onStep={(step) => onAsk({ step, subscription })}
          />
        </span>
      </td>
    </tr>
  );
};
