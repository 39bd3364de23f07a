// The page of a first migration: its steps in their order, and how far each is.
import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery, queries } from '../api/queries.js';
import { Link, Name, PageHead } from '../parts/basics.js';
import { NoExports, useLacks } from '../parts/no-right.js';
import { useMay } from '../parts/rights.js';
import { Failure, StaleBar } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { useFacts, type Shown } from './facts.js';
import { LicenceStep, PassStep, PstStep } from './pass-steps.js';
import { CustomerStep, EndpointStep, MailboxStep, ProjectStep } from './set-up-steps.js';
import { statesOf, type StepName, type StepState } from './where.js';

const LOOKS = { done: ['✓', 'good'], now: ['→', 'busy'], later: ['○', 'quiet'], optional: ['○', 'quiet'] } as const;

/** From nothing to the first verified PST. How far it is follows from what there is: the page keeps nothing, and its address says what it is about. */
export const StartPage = (): ReactElement => {
  const { t } = useTranslation();
  return useLacks('exports.view') ? <NoExports title={t('start.title')} /> : <Steps />;
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
