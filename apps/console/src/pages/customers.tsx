import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { customerQuery, customersQuery, endpointsQuery, meQuery, queries } from '../api/queries.js';
import { Bundles } from '../licences/bundles.js';
import { ActionMenu } from '../parts/action-menu.js';
import { useMay } from '../parts/rights.js';
import { CliButton, Copyable, Link, Name, PageHead, Section } from '../parts/basics.js';
import { isCounting, TotalsBar, TotalsText } from '../parts/bar.js';
import { moment, plain } from '../parts/format.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { ProjectList } from '../parts/project-list.js';
import { CustomerDialog } from '../setup/customer-dialog.js';
import { RemoveDialog, RenameCustomerDialog } from '../setup/edit-dialogs.js';
import { Endpoints } from '../setup/endpoints.js';
import { ProjectDialog } from '../setup/project-dialog.js';
import { Table } from '../parts/table.js';

/** Every customer. */
export const CustomersPage = (): ReactElement => {
  const { t } = useTranslation();
  const customers = useQuery(customersQuery);
  const me = useQuery(meQuery);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PageHead title={t('nav.customers')}>
        {me.data?.rights.includes('exports.run') === true ? (
          <Button size="small" appearance="primary" onClick={() => setAdding(true)}>
            {t('setup.addCustomer')}…
          </Button>
        ) : null}
        {me.data?.rights.includes('exports.view') === true ? <Link to="/start">{t('start.open')}</Link> : null}
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
              <Table label={t('nav.customers')} heads={[t('customers.name'), t('customers.created'), t('customers.id')]}>
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
              </Table>
            )
          }
        </Read>
      </section>
      {adding ? <CustomerDialog onClose={() => setAdding(false)} /> : null}
    </>
  );
};

const route = getRouteApi('/customers/$customerId');

/** One customer: its sums and its projects. */
export const CustomerPage = (): ReactElement => {
  const { t } = useTranslation();
  const { customerId } = route.useParams();
  const customer = useQuery(customerQuery(customerId));
  const me = useQuery(meQuery);
  const seesExports = useMay('exports.view');
  const endpoints = useQuery({ ...endpointsQuery(customerId), enabled: seesExports });
  const [adding, setAdding] = useState(false);
  const mayRun = me.data?.rights.includes('exports.run') ?? false;
  const [editing, setEditing] = useState<'rename' | 'remove' | undefined>();
  const navigate = useNavigate();
  const name = customer.data?.name ?? '';
  const kinds = endpoints.data?.items.map(({ kind }) => kind) ?? [];
  const bothEnds = kinds.includes('microsoft-365') && kinds.some((kind) => kind !== 'microsoft-365');
  return (
    <>
      <PageHead
        title={customer.data === undefined ? '…' : <Name>{customer.data.name}</Name>}
        over={<Link to="/customers">{t('nav.customers')}</Link>}
        updatedAtMs={customer.dataUpdatedAt}
      >
        {mayRun && customer.data !== undefined ? (
          <ActionMenu
            label={t('edit.more')}
            steps={['rename', 'remove'] as const}
            word={(step) => t(step === 'rename' ? 'edit.rename' : 'edit.removeCustomer')}
            onStep={setEditing}
          />
        ) : null}
        <CliButton command={`pstream customer show ${customerId}`} />
        <Copyable text={customerId} label={t('customers.id')} short />
      </PageHead>
      <StaleBar updatedAtMs={customer.dataUpdatedAt} />
      <Read query={customer}>
        {({ sums }) => (
          <>
            <section className="card progress" aria-label={t('progress.label')}>
              <TotalsBar totals={sums.totals} counting={isCounting(sums)} />
              <TotalsText totals={sums.totals} counting={isCounting(sums)} />
            </section>
            {seesExports ? (
              <Section
                id="projects"
                title={t('nav.projects')}
                action={
                  mayRun ? (
                    <Button size="small" appearance="primary" disabled={!bothEnds} onClick={() => setAdding(true)}>
                      {t('setup.addProject')}…
                    </Button>
                  ) : null
                }
              >
                {mayRun && endpoints.data !== undefined && !bothEnds ? <p className="quiet">{t('setup.needsEnds')}</p> : null}
                <ProjectList by="name" most={100} customerId={customerId} />
              </Section>
            ) : null}
            {seesExports ? <Endpoints customerId={customerId} mayRun={mayRun} /> : null}
            <Bundles customerId={customerId} />
          </>
        )}
      </Read>
      {editing === 'rename' ? <RenameCustomerDialog customerId={customerId} onClose={() => setEditing(undefined)} /> : null}
      {editing === 'remove' ? (
        <RemoveDialog
          title={t('edit.removeOf', { name: plain(name) })}
          about={t('edit.removeCustomerAbout')}
          command={`pstream customer remove ${customerId} --yes`}
          remove={async () => {
            await client.removeCustomer({ params: { customerId } });
            await queries.invalidateQueries({ queryKey: ['customers'] });
            await navigate({ to: '/customers' });
          }}
          onClose={() => setEditing(undefined)}
        />
      ) : null}
      {adding ? <ProjectDialog customerId={customerId} onClose={() => setAdding(false)} /> : null}
    </>
  );
};
