import { Button, Field, MessageBar, MessageBarBody, MessageBarTitle, Select, Spinner } from '@fluentui/react-components';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { customersQuery, endpointsQuery, live, mailboxQuery, meQuery, partsQuery, projectsQuery, queries } from '../api/queries.js';
import { bundlesQuery, useEnforced } from '../licences/queries.js';
import { Checks } from '../mailbox/checks.js';
import { Command, Copyable, Link, Name, PageHead, useNowMs } from '../parts/basics.js';
import { TotalsBar, TotalsText } from '../parts/bar.js';
import { plain } from '../parts/format.js';
import { NoExports, useSeesNoExports } from '../parts/no-exports.js';
import { useMay } from '../parts/rights.js';
import { Failure, StaleBar } from '../parts/states.js';
import { Chip, StatusChip } from '../parts/status.js';
import { ActionDialog } from '../project/action-dialog.js';
import { reasonAgainst, type Action } from '../project/actions.js';
import { isOpen, type Row } from '../project/views.js';
import { BulkAdd } from '../setup/bulk-add.js';
import { BundlesDialog } from '../setup/bundles-dialog.js';
import { CustomerDialog } from '../setup/customer-dialog.js';
import { EndpointDialog } from '../setup/endpoint-dialog.js';
import { TestOutcome, type Outcome } from '../setup/endpoint-test.js';
import { ProjectDialog } from '../setup/project-dialog.js';
import { chosenOf, isLicensed, isSource, statesOf, type Facts, type StepName, type StepState } from './where.js';

const route = getRouteApi('/start');
const LOOKS = { done: ['✓', 'good'], now: ['→', 'busy'], later: ['○', 'quiet'], optional: ['○', 'quiet'] } as const;
/** A first migration is of one mailbox; more are looked through on the page of the project. */
const MOST_MAILBOXES = 50;

const mailboxesQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['first-mailboxes', projectId],
    queryFn: () => client.listMailboxes({ params: { projectId }, query: { limit: MOST_MAILBOXES } }),
    ...live,
  });

/** Everything that the steps ask for, as the API says it. */
const useFacts = () => {
  const search = route.useSearch();
  const isEnforced = useEnforced();
  const nowMs = useNowMs(60_000);
  const customers = useQuery(customersQuery);
  const customer = chosenOf(customers.data?.items ?? [], ({ customerId }) => customerId, search.customer);
  const customerId = customer?.customerId ?? '';
  const endpoints = useQuery({ ...endpointsQuery(customerId), enabled: customer !== undefined });
  const allProjects = useQuery(projectsQuery);
  const projects = (allProjects.data?.items ?? []).filter((project) => project.customerId === customerId);
  const project = chosenOf(projects, ({ projectId }) => projectId, search.project);
  const projectId = project?.projectId ?? '';
  const mailboxes = useQuery({ ...mailboxesQuery(projectId), enabled: project !== undefined });
  const rows = project === undefined ? [] : (mailboxes.data?.items ?? []);
  const mailboxId = chosenOf(rows, ({ mailboxJobId }) => mailboxJobId, search.mailbox)?.mailboxJobId;
  const mailbox = useQuery({ ...mailboxQuery(mailboxId ?? ''), enabled: mailboxId !== undefined });
  const row = mailboxId === undefined ? undefined : mailbox.data;
  const parts = useQuery({ ...partsQuery(mailboxId ?? ''), ...live, enabled: mailboxId !== undefined });
  const bundles = useQuery({ ...bundlesQuery(customerId), ...live, enabled: customer !== undefined && isEnforced });
  const facts: Facts = {
    customer,
    endpoints: customer === undefined ? [] : (endpoints.data?.items ?? []),
    project,
    row,
    parts: row === undefined ? [] : (parts.data?.items ?? []),
    enforced: isEnforced,
    licensed: row !== undefined && (bundles.data?.items ?? []).some((bundle) => isLicensed(bundle, row.source, nowMs)),
  };
  const read = [customers, endpoints, allProjects, mailboxes, mailbox, parts, bundles];
  return {
    facts,
    customers: customers.data?.items ?? [],
    projects,
    rows,
    error: read.find(({ isError }) => isError)?.error,
    isLoading: read.some(({ isLoading }) => isLoading),
    updatedAtMs: Math.max(...read.map(({ dataUpdatedAt }) => dataUpdatedAt)),
  };
};

type Shown = ReturnType<typeof useFacts>;

/** From nothing to the first verified PST. How far it is follows from what there is: the page keeps nothing, and its address says what it is about. */
export const StartPage = (): ReactElement => {
  const { t } = useTranslation();
  return useSeesNoExports() ? <NoExports title={t('start.title')} /> : <Steps />;
};

const Steps = (): ReactElement => {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  const shown = useFacts();
  const { facts, error, isLoading, updatedAtMs } = shown;
  const states = statesOf(facts);
  const mayRun = useMay('exports.run');
  const isOver = states.every(([, state]) => state === 'done' || state === 'optional');
  const again = (): void => void queries.invalidateQueries();
  return (
    <>
      <PageHead title={t('start.title')} updatedAtMs={updatedAtMs}>
        <Button size="small" onClick={again}>
          {t('start.again')}
        </Button>
      </PageHead>
      <StaleBar updatedAtMs={updatedAtMs} />
      {error === undefined ? null : <Failure error={error} again={again} />}
      {me.data === undefined || mayRun ? null : (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('start.viewOnly', { role: t(`role.${me.data.role}`) })}</MessageBarBody>
        </MessageBar>
      )}
      {isOver ? (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t('start.over')}</MessageBarTitle> {t('start.overNext')}{' '}
            {facts.project === undefined ? null : (
              <Link to="/projects/$projectId" params={{ projectId: facts.project.projectId }}>
                <Name>{facts.project.name}</Name>
              </Link>
            )}
          </MessageBarBody>
        </MessageBar>
      ) : (
        <p>{t('start.about')}</p>
      )}
      <ol className="wizard" aria-busy={isLoading}>
        {states.map(([step, state], at) => (
          <Step key={step} step={step} state={state} number={at + 1}>
            <Content step={step} state={state} shown={shown} mayRun={mayRun} />
          </Step>
        ))}
      </ol>
    </>
  );
};

type StepProps = { readonly step: StepName; readonly state: StepState; readonly number: number; readonly children: ReactNode };

const Step = ({ step, state, number, children }: StepProps): ReactElement => {
  const { t } = useTranslation();
  return (
    <li id={step} className={`card step ${state}`} {...(state === 'now' ? { 'aria-current': 'step' as const } : {})}>
      <header>
        <h2>
          {number}. {t(`start.step.${step}`)}
        </h2>
        <Chip sign={LOOKS[state][0]} tone={LOOKS[state][1]} word={t(`start.state.${state}`)} />
      </header>
      {state === 'later' ? null : <p className="quiet">{t(`start.stepAbout.${step}`)}</p>}
      {children}
    </li>
  );
};

type ContentProps = { readonly step: StepName; readonly state: StepState; readonly shown: Shown; readonly mayRun: boolean };

const Content = ({ step, state, shown, mayRun }: ContentProps): ReactElement | null => {
  if (state === 'later') return null;
  const { facts } = shown;
  switch (step) {
    case 'customer':
      return <CustomerStep shown={shown} mayRun={mayRun} />;
    case 'source':
    case 'destination':
      return <EndpointStep kind={step} facts={facts} mayRun={mayRun} />;
    case 'project':
      return <ProjectStep shown={shown} mayRun={mayRun} />;
    case 'mailbox':
      return <MailboxStep shown={shown} mayRun={mayRun} />;
    case 'verify':
      return <PassStep facts={facts} mayRun={mayRun} actions={['verify']} />;
    case 'licence':
      return <LicenceStep facts={facts} mayRun={mayRun} />;
    case 'export':
      return <PassStep facts={facts} mayRun={mayRun} actions={['trial', 'full', 'retry-errors', 'resume', 'stop']} />;
    case 'pst':
      return <PstStep facts={facts} />;
  }
};

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

const CustomerStep = ({ shown: { facts, customers }, mayRun }: PartProps): ReactElement => {
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

const EndpointStep = ({ kind, facts: { customer, endpoints }, mayRun }: EndpointProps): ReactElement | null => {
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

const ProjectStep = ({ shown: { facts, projects }, mayRun }: PartProps): ReactElement | null => {
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

const MailboxStep = ({ shown: { facts, rows }, mayRun }: PartProps): ReactElement | null => {
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

type PassProps = { readonly facts: Facts; readonly mayRun: boolean; readonly actions: readonly Action[] };

/** Starts a pass over the mailbox, and shows how far it is. */
const PassStep = ({ facts: { row, project, enforced, licensed }, mayRun, actions }: PassProps): ReactElement | null => {
  const { t } = useTranslation();
  const [acting, setActing] = useState<Action | undefined>();
  if (row === undefined || project === undefined) return null;
  const isVerify = actions[0] === 'verify';
  const offered = actions.filter((action) => reasonAgainst(action, row) === undefined);
  const main = isVerify ? 'verify' : licensed || !enforced ? 'full' : 'trial';
  return (
    <>
      {isVerify ? (
        <Checks row={row} />
      ) : row.totals.discovered === 0 && !isOpen(row) ? null : (
        <>
          <StatusChip status={row.status} />
          <TotalsBar totals={row.totals} counting={row.listing === 'going-on' && isOpen(row)} />
          <TotalsText totals={row.totals} counting={row.listing === 'going-on' && isOpen(row)} />
        </>
      )}
      {row.cause === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <code>{row.cause.code}</code> {row.cause.advice ?? t('mailbox.noAdvice')}
          </MessageBarBody>
        </MessageBar>
      )}
      {!isVerify && enforced && !licensed ? <p className="quiet">{t('start.trialFree')}</p> : null}
      {mayRun ? (
        <div className="row-actions">
          {offered.map((action) => (
            <Button
              key={action}
              appearance={action === main ? 'primary' : 'secondary'}
              disabled={action === 'full' && enforced && !licensed}
              onClick={() => setActing(action)}
            >
              {t(`action.${action}`)}…
            </Button>
          ))}
        </div>
      ) : null}
      {acting === undefined ? null : (
        <ActionDialog
          action={acting}
          projectId={project.projectId}
          selected={[row]}
          total={Infinity}
          onClose={() => {
            setActing(undefined);
            void queries.invalidateQueries();
          }}
        />
      )}
    </>
  );
};

const LicenceStep = ({
  facts: { customer, row, licensed },
  mayRun,
}: {
  readonly facts: Facts;
  readonly mayRun: boolean;
}): ReactElement | null => {
  const { t } = useTranslation();
  const mayBuy = useMay('licences.buy');
  const [applying, setApplying] = useState(false);
  if (customer === undefined || row === undefined) return null;
  return (
    <>
      {licensed ? (
        <p>
          {t('start.licensed')} <Name>{row.source}</Name>
        </p>
      ) : (
        <div className="row-actions">
          {mayRun ? <Button onClick={() => setApplying(true)}>{t('setup.bundles.apply')}…</Button> : null}
          {mayBuy ? <Link to="/licences/buy">{t('licence.buy')}</Link> : null}
        </div>
      )}
      {applying ? <BundlesDialog customerId={customer.customerId} users={[row.source]} onClose={() => setApplying(false)} /> : null}
    </>
  );
};

/** The PSTs, and how anybody can check them again. */
const PstStep = ({ facts: { parts } }: { readonly facts: Facts }): ReactElement => {
  const { t } = useTranslation();
  const verified = parts.filter(({ state }) => state === 'verified');
  if (verified.length === 0) return <Spinner size="tiny" labelPosition="after" label={t('start.verifying')} />;
  return (
    <ul className="plain">
      {verified.map(({ partId, name, location, sha256 }) => (
        <li key={partId}>
          <strong>
            <Name>{name}</Name>
          </strong>{' '}
          {location === null ? null : <Copyable text={location} label={t('start.location')} />}
          {sha256 === null ? null : (
            <div>
              SHA-256 <Copyable text={sha256} label="SHA-256" />
            </div>
          )}
          {location === null || /^https?:/.test(location) ? null : <Command command={`pstream pst verify ${location}`} />}
        </li>
      ))}
    </ul>
  );
};
