import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { customerQuery, customersQuery } from '../api/queries.js';
import { CliButton, Copyable, Link, Name, PageHead, Section } from '../parts/basics.js';
import { TotalsBar, TotalsText } from '../parts/bar.js';
import { moment } from '../parts/format.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { ProjectList } from '../parts/project-list.js';

/** Every customer. */
export const CustomersPage = (): ReactElement => {
  const { t } = useTranslation();
  const customers = useQuery(customersQuery);
  return (
    <>
      <PageHead title={t('nav.customers')}>
        <CliButton command="pstream customer list" />
      </PageHead>
      <section className="card" aria-label={t('nav.customers')}>
        <Read query={customers}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t('customers.none')}>
                <CliButton command="pstream customer create Contoso" />
              </Empty>
            ) : (
              <div className="scrolls" role="region" aria-label={t('nav.customers')} tabIndex={0}>
                <table className="list">
                  <thead>
                    <tr>
                      <th scope="col">{t('customers.name')}</th>
                      <th scope="col">{t('customers.created')}</th>
                      <th scope="col">{t('customers.id')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map(({ customerId, name, createdAt }) => (
                      <tr key={customerId}>
                        <th scope="row">
                          <Link to="/customers/$customerId" params={{ customerId }}>
                            <Name>{name}</Name>
                          </Link>
                        </th>
                        <td>{moment(createdAt)}</td>
                        <td>
                          <Copyable text={customerId} label={t('customers.id')} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Read>
      </section>
    </>
  );
};

const route = getRouteApi('/customers/$customerId');

/** One customer: its sums and its projects. */
export const CustomerPage = (): ReactElement => {
  const { t } = useTranslation();
  const { customerId } = route.useParams();
  const customer = useQuery(customerQuery(customerId));
  return (
    <>
      <PageHead
        title={customer.data === undefined ? '…' : <Name>{customer.data.name}</Name>}
        over={<Link to="/customers">{t('nav.customers')}</Link>}
        updatedAtMs={customer.dataUpdatedAt}
      >
        <CliButton command={`pstream customer show ${customerId}`} />
        <Copyable text={customerId} label={t('customers.id')} short />
      </PageHead>
      <StaleBar updatedAtMs={customer.dataUpdatedAt} />
      <Read query={customer}>
        {({ sums }) => (
          <>
            <section className="card progress" aria-label={t('progress.label')}>
              <TotalsBar totals={sums.totals} counting={sums.listing === 'going-on'} />
              <TotalsText totals={sums.totals} counting={sums.listing === 'going-on'} />
            </section>
            <Section id="projects" title={t('nav.projects')}>
              <ProjectList by="name" most={100} customerId={customerId} />
            </Section>
          </>
        )}
      </Read>
    </>
  );
};
