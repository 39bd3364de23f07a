import { Select } from '@fluentui/react-components';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeLink } from '../help/code-link.js';
import { Link, Name, Section } from '../parts/basics.js';
import { count, moment } from '../parts/format.js';
import { More } from '../parts/more.js';
import { Empty, Read } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import type { Tone } from '../parts/statuses.js';
import { NOTICE_STATES } from '../search.js';
import { kindName } from './kind.js';
import { noticesQuery, type Notice, type Subscription } from './queries.js';
import { Table } from '../parts/table.js';

const route = getRouteApi('/notices');

const LOOKS: Readonly<Record<Notice['state'], readonly [sign: string, tone: Tone]>> = {
  sending: ['⟳', 'busy'],
  retrying: ['◷', 'warn'],
  sent: ['✓', 'good'],
  'given-up': ['✕', 'bad'],
};

type Props = { readonly subscriptions: readonly Subscription[]; readonly enabled: boolean };

/** Notices, the newest first, and what became of each. */
export const Sent = ({ subscriptions, enabled }: Props): ReactElement => {
  const { t } = useTranslation();
  const { state } = route.useSearch();
  const navigate = route.useNavigate();
  const notices = useInfiniteQuery({ ...noticesQuery(state), enabled });
  const choose = (value: string): void => {
    const chosen = NOTICE_STATES.find((each) => each === value);
    void navigate({ search: chosen === undefined ? {} : { state: chosen }, replace: true });
  };
  return (
    <Section
      id="sent"
      title={t('notice.sent')}
      action={
        <Select size="small" aria-label={t('notice.state')} value={state ?? ''} onChange={(_event, { value }) => choose(value)}>
          <option value="">{t('notice.anyState')}</option>
          {NOTICE_STATES.map((each) => (
            <option key={each} value={each}>
              {t(`notice.is.${each}`)}
            </option>
          ))}
        </Select>
      }
      command={`pstream notice sent${state === undefined ? '' : ` --state ${state}`}`}
    >
      <Read query={notices}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <Empty title={t(state === undefined ? 'notice.noneSent' : 'table.nothing')} />;
          return (
            <>
              <Table
                label={t('notice.sent')}
                heads={[t('notice.name'), t('notice.tells'), t('notice.project'), t('notice.made'), t('notice.state')]}
                stack
              >
                {items.map((notice) => (
                  <Line
                    key={notice.noticeId}
                    notice={notice}
                    name={subscriptions.find(({ subscriptionId }) => subscriptionId === notice.subscriptionId)?.name}
                  />
                ))}
              </Table>
              <More list={notices} shown={items.length} total={pages.at(-1)?.total ?? 0} />
            </>
          );
        }}
      </Read>
    </Section>
  );
};

const Line = ({ notice, name }: { readonly notice: Notice; readonly name: string | undefined }): ReactElement => {
  const { t } = useTranslation();
  const { channel, counts, project, madeAt, state, attempts, refused, code, advice, retryAt } = notice;
  const [sign, tone] = LOOKS[state];
  return (
    <tr>
      <th scope="row">
        {name === undefined ? <span className="quiet">{t('notice.removed')}</span> : <Name>{name}</Name>}
        <div className="quiet">{t(`notice.channel.${channel}`)}</div>
      </th>
      <td data-label={t('notice.tells')}>
        {Object.entries(counts).map(([kind, amount]) => (
          <div key={kind}>
            {kind === 'test' ? '' : `${count(amount)} × `}
            {kindName(t, kind)}
          </div>
        ))}
      </td>
      <td data-label={t('notice.project')}>
        {project === null ? (
          '–'
        ) : (
          <Link to="/projects/$projectId" params={{ projectId: project.projectId }}>
            <Name>{project.name}</Name>
          </Link>
        )}
      </td>
      <td data-label={t('notice.made')}>{moment(madeAt)}</td>
      <td>
        <Chip sign={sign} tone={tone} word={t(`notice.is.${state}`)} />
        {attempts > 1 ? <div className="quiet">{t('notice.attempts', { attempts: count(attempts) })}</div> : null}
        {retryAt === null ? null : <div className="quiet">{t('notice.retryAt', { at: moment(retryAt) })}</div>}
        {refused === 0 ? null : <div className="quiet">{t('notice.refused', { count: refused, addresses: count(refused) })}</div>}
        {code === null ? null : (
          <div>
            <CodeLink code={code} />
          </div>
        )}
        {advice === null ? null : <div className="quiet">{advice}</div>}
      </td>
    </tr>
  );
};
