// The steps of a first migration that set something up: customer, source, destination, project and mailbox.
import { Button, Field, Select, Spinner } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { Command, Link, Name } from '../parts/basics.js';
import { plain } from '../parts/format.js';
import { StatusChip } from '../parts/status.js';
import type { Row } from '../project/views.js';
import { BulkAdd } from '../setup/bulk-add.js';
import { CustomerDialog } from '../setup/customer-dialog.js';
import { EndpointDialog } from '../setup/endpoint-dialog.js';
import { TestOutcome, type Outcome } from '../setup/endpoint-test.js';
import { ProjectDialog } from '../setup/project-dialog.js';
import type { Shown } from './facts.js';
import { isSource, type Facts } from './where.js';

const route = getRouteApi('/start');

type ChoiceProps = {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly [id: string, name: string])[];
  readonly onChoose: (id: string) => void;
};

/** Chooses one of several; which one is in the address. */
const Choice = ({ label, value, options, onChoose }: ChoiceProps): ReactElement | null => {
  const { t } = useTranslation();
  if (options.length < 2) return null;
  return (
    <Field label={label} className="narrow">
      <Select value={value ?? ''} onChange={(_event, given) => onChoose(given.value)}>
        {value === undefined ? <option value="">{t('start.choose')}</option> : null}
        {options.map(([id, name]) => (
          <option key={id} value={id}>
            {plain(name)}
          </option>
        ))}
      </Select>
    </Field>
  );
};

type PartProps = { readonly shown: Shown; readonly mayRun: boolean };

export const CustomerStep = ({ shown: { facts, customers }, mayRun }: PartProps): ReactElement => {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const { customer } = facts;
  const choose = (id: string): void => void navigate({ search: { customer: id }, replace: true });
  return (
    <>
      {customer === undefined ? null : (
        <Link to="/customers/$customerId" params={{ customerId: customer.customerId }}>
          <Name>{customer.name}</Name>
        </Link>
      )}
      <Choice
        label={t('customers.name')}
        value={customer?.customerId}
        options={customers.map(({ customerId, name }) => [customerId, name] as const)}
        onChoose={choose}
      />
      {mayRun ? <Adding isNext={customer === undefined} label={t('setup.addCustomer')} onClick={() => setAdding(true)} /> : null}
      {customer === undefined ? <Command command="pstream customer create NAME" /> : null}
      {adding ? <CustomerDialog onAdded={choose} onClose={() => setAdding(false)} /> : null}
    </>
  );
};

const Adding = ({
  isNext,
  label,
  onClick,
}: {
  readonly isNext: boolean;
  readonly label: string;
  readonly onClick: () => void;
}): ReactElement => (
  <div className="row-actions">
    <Button size={isNext ? 'medium' : 'small'} appearance={isNext ? 'primary' : 'secondary'} onClick={onClick}>
      {label}…
    </Button>
  </div>
);

type EndpointProps = { readonly kind: 'source' | 'destination'; readonly facts: Facts; readonly mayRun: boolean };

export const EndpointStep = ({ kind, facts: { customer, endpoints }, mayRun }: EndpointProps): ReactElement | null => {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  if (customer === undefined) return null;
  const { customerId } = customer;
  const own = endpoints.filter((endpoint) => isSource(endpoint) === (kind === 'source'));
  return (
    <>
      {own.map(({ endpointId, name }) => (
        <Tested key={endpointId} customerId={customerId} endpointId={endpointId} name={name} mayRun={mayRun} />
      ))}
      {mayRun ? (
        <Adding
          isNext={own.length === 0}
          label={t(kind === 'source' ? 'setup.addSource' : 'setup.addDestination')}
          onClick={() => setAdding(true)}
        />
      ) : null}
      {own.length > 0 ? null : (
        <Command
          command={
            kind === 'source'
              ? `pstream endpoint add-source ${customerId} NAME --tenant-id TENANT --client-id CLIENT --secret-file secret.txt --test`
              : `pstream endpoint add-destination ${customerId} NAME --account ACCOUNT --region REGION --auth sas --secret-file sas.txt --test`
          }
        />
      )}
      {adding ? <EndpointDialog customerId={customerId} kind={kind} onClose={() => setAdding(false)} /> : null}
    </>
  );
};

type TestedProps = { readonly customerId: string; readonly endpointId: string; readonly name: string; readonly mayRun: boolean };

/** An endpoint, which can be tried as often as one likes: nothing of a test is recorded. */
const Tested = ({ customerId, endpointId, name, mayRun }: TestedProps): ReactElement => {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<Outcome | 'trying' | undefined>();
  const attempt = async (): Promise<void> => {
    setOutcome('trying');
    setOutcome(await client.testEndpoint({ params: { customerId, endpointId }, body: {} }).catch((error: unknown) => ({ error })));
  };
  return (
    <div>
      <span className="row-actions">
        <Name>{name}</Name>
        {mayRun ? (
          <Button
            size="small"
            disabled={outcome === 'trying'}
            aria-label={t('start.testOf', { name: plain(name) })}
            onClick={() => void attempt()}
          >
            {t('setup.test')}
          </Button>
        ) : null}
      </span>
      {outcome === undefined ? null : outcome === 'trying' ? (
        <Spinner size="tiny" label={t('setup.testing')} />
      ) : (
        <TestOutcome outcome={outcome} />
      )}
    </div>
  );
};

export const ProjectStep = ({ shown: { facts, projects }, mayRun }: PartProps): ReactElement | null => {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const { customer, project } = facts;
  if (customer === undefined) return null;
  const { customerId } = customer;
  const choose = (id: string): void => void navigate({ search: { customer: customerId, project: id }, replace: true });
  return (
    <>
      {project === undefined ? null : (
        <Link to="/projects/$projectId" params={{ projectId: project.projectId }}>
          <Name>{project.name}</Name>
        </Link>
      )}
      <Choice
        label={t('projects.name')}
        value={project?.projectId}
        options={projects.map(({ projectId, name }) => [projectId, name] as const)}
        onChoose={choose}
      />
      {mayRun ? <Adding isNext={project === undefined} label={t('setup.addProject')} onClick={() => setAdding(true)} /> : null}
      {project === undefined ? (
        <Command command={`pstream project create ${customerId} NAME --source SOURCE --destination DESTINATION`} />
      ) : null}
      {adding ? <ProjectDialog customerId={customerId} onAdded={choose} onClose={() => setAdding(false)} /> : null}
    </>
  );
};

export const MailboxStep = ({ shown: { facts, rows }, mayRun }: PartProps): ReactElement | null => {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const { customer, project, row } = facts;
  if (customer === undefined || project === undefined) return null;
  const { projectId } = project;
  return (
    <>
      {row === undefined ? null : <MailboxLink row={row} />}
      <Choice
        label={t('column.source')}
        value={row?.mailboxJobId}
        options={rows.map(({ mailboxJobId, source }) => [mailboxJobId, source] as const)}
        onChoose={(id) => void navigate({ search: { customer: customer.customerId, project: projectId, mailbox: id }, replace: true })}
      />
      {mayRun ? <Adding isNext={rows.length === 0} label={t('setup.bulk.open')} onClick={() => setAdding(true)} /> : null}
      {rows.length > 0 ? null : <Command command={`pstream mailbox add ${projectId} ADDRESS NAME.pst`} />}
      {adding ? (
        <BulkAdd
          projectId={projectId}
          onClose={() => {
            setAdding(false);
            void queries.invalidateQueries({ queryKey: ['first-mailboxes', projectId] });
          }}
        />
      ) : null}
    </>
  );
};

const MailboxLink = ({ row }: { readonly row: Row }): ReactElement => (
  <span className="row-actions">
    <Link to="/mailboxes/$mailboxId" params={{ mailboxId: row.mailboxJobId }}>
      <Name>{row.source}</Name>
    </Link>
    <StatusChip status={row.status} />
  </span>
);
