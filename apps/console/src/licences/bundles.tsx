import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Name, Section } from '../parts/basics.js';
import { count, moment } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { Empty, Read } from '../parts/states.js';
import { BundlesDialog } from '../setup/bundles-dialog.js';
import { bundlesQuery, useEnforced } from './queries.js';
import { Search, Table } from '../parts/table.js';

const MOST_SHOWN = 200;

/** Which users of a customer have a licence, and until when; where none is needed, nothing. */
export const Bundles = ({ customerId }: { readonly customerId: string }): ReactElement | null => {
  const { t } = useTranslation();
  const isEnforced = useEnforced();
  const mayApply = useMay('exports.run');
  const bundles = useQuery({ ...bundlesQuery(customerId), enabled: isEnforced });
  const [q, setQ] = useState('');
  const [applying, setApplying] = useState(false);
  if (!isEnforced) return null;
  return (
    <Section
      id="bundles"
      title={t('licence.users')}
      action={
        <>
          {mayApply ? (
            <Button size="small" onClick={() => setApplying(true)}>
              {t('setup.bundles.apply')}…
            </Button>
          ) : null}
        </>
      }
      command={`pstream licence list --customer ${customerId}`}
    >
      <Read query={bundles} lines={2}>
        {({ items }) => {
          if (items.length === 0)
            return (
              <Empty title={t('licence.noUsers')}>
                <p>{t('licence.noUsersNext')}</p>
              </Empty>
            );
          const wanted = q.trim().toLowerCase();
          const found = items.filter(({ user }) => user.toLowerCase().includes(wanted));
          return (
            <>
              <Search label={t('licence.search')} value={q} onChange={setQ} of={items.length} />
              {found.length === 0 ? (
                <p className="quiet">{t('table.nothing')}</p>
              ) : (
                <Table label={t('licence.users')} heads={[t('licence.user'), t('licence.appliedAt'), t('licence.ends')]} stack>
                  {found.slice(0, MOST_SHOWN).map(({ user, orderId, appliedAt, expiresAt }) => (
                    <tr key={user}>
                      <th scope="row">
                        <Name>{user}</Name>
                      </th>
                      <td data-label={t('licence.appliedAt')}>{moment(appliedAt)}</td>
                      <td data-label={t('licence.ends')}>
                        <Link to="/licences/orders/$orderId" params={{ orderId }}>
                          {moment(expiresAt)}
                        </Link>
                      </td>
                    </tr>
                  ))}
                </Table>
              )}
              {found.length > MOST_SHOWN ? (
                <p className="quiet">{t('projects.more', { shown: count(MOST_SHOWN), total: count(found.length) })}</p>
              ) : null}
            </>
          );
        }}
      </Read>
      {applying ? <BundlesDialog customerId={customerId} onClose={() => setApplying(false)} /> : null}
    </Section>
  );
};
