import { useMemo, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { FormCheck, FormDialog, FormField, useForm } from '../parts/form.js';
import { plain } from '../parts/format.js';
import { shellWord } from '../parts/shell-word.js';
import { ReadToEdit, type Seen } from '../parts/tagged.js';
import { DAYS, planCommand, planFieldOf, planOf, planValues, type Plan, type PlanField } from './window.js';

const readAgain = (): Promise<void> => queries.invalidateQueries({ queryKey: ['plans'] });
const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
const zones = (): readonly string[] => [...new Set(['UTC', ownZone(), ...Intl.supportedValuesOf('timeZone')])];

type Props = { readonly plan: Plan; readonly onClose: () => void };

type FormProps = Props & { readonly seen: Seen };

/** When mailboxes of a project are begun, and how many at once. */
export const PlanDialog = ({ plan: { projectId, name }, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  return (
    <ReadToEdit id="getProjectPlan" args={{ params: { projectId } }} title={t('plan.editOf', { name: plain(name) })} onClose={onClose}>
      {(plan, seen) => <PlanForm plan={plan} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

const PlanForm = ({ plan, seen: { ifMatch, again }, onClose }: FormProps): ReactElement => {
  const { t } = useTranslation();
  const { projectId, name } = plan;
  const form = useForm<PlanField>({
    initial: planValues(plan, ownZone()),
    required: ({ limited }) => (limited === 'yes' ? ['from', 'to', 'zone'] : []),
    fieldOf: planFieldOf,
    send: async (values) => {
      await client.planProject({ params: { projectId }, body: planOf(values), ifMatch });
      await readAgain();
      onClose();
    },
  });
  const options = useMemo(() => [...new Set([...zones(), plan.window?.zone ?? 'UTC'])].map((zone) => [zone, zone] as const), [plan.window]);
  const fault = form.faultOf('mon');
  return (
    <FormDialog
      title={t('plan.editOf', { name: plain(name) })}
      form={form}
      submit={t('plan.save')}
      command={planCommand(projectId, form.values)}
      again={again}
      onClose={onClose}
    >
      <p>{t('plan.about')}</p>
      <FormField form={form} name="maxMailboxes" label={t('plan.most')} hint={t('plan.mostHint')} type="number" />
      <FormCheck form={form} name="limited" label={t('plan.onlyWithin')} />
      {form.values.limited === 'yes' ? (
        <>
          <div className="pair-fields">
            <FormField form={form} name="from" label={t('plan.from')} type="time" required />
            <FormField form={form} name="to" label={t('plan.to')} type="time" required />
          </div>
          <p className="quiet">{t('plan.toHint')}</p>
          <FormField form={form} name="zone" label={t('plan.zone')} options={options} hint={t('plan.zoneHint')} />
          <fieldset>
            <legend>{t('plan.days')}</legend>
            {DAYS.map((day) => (
              <FormCheck key={day} form={form} name={day} label={t(`plan.day.${day}`)} />
            ))}
            {fault === undefined ? null : <p role="alert">{fault}</p>}
          </fieldset>
        </>
      ) : null}
    </FormDialog>
  );
};

/** Begins no mailbox of a project until somebody has them go on. */
export const PauseDialog = ({ plan: { projectId, name }, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const title = t('plan.pauseOf', { name: plain(name) });
  return (
    <ReadToEdit id="getProjectPlan" args={{ params: { projectId } }} title={title} onClose={onClose}>
      {({ paused }, { ifMatch, again }) => (
        <PauseForm
          title={title}
          before={paused?.reason}
          command={(reason) => `pstream project pause ${projectId} --reason ${reason}`}
          send={(body) => client.planProject({ params: { projectId }, body, ifMatch })}
          again={again}
          onClose={onClose}
        />
      )}
    </ReadToEdit>
  );
};

/** The same of all projects. */
export const PauseAllDialog = ({ onClose }: { readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  return (
    <PauseForm
      title={t('plan.pauseAll')}
      command={(reason) => `pstream admin pause --reason ${reason}`}
      send={(body) => client.planAll({ body })}
      onClose={onClose}
    />
  );
};

type Change = { readonly paused: { readonly reason: string } | null };
type StepProps = {
  readonly title: string;
  readonly send: (change: Change) => Promise<unknown>;
  readonly again?: (() => void) | undefined;
  readonly onClose: () => void;
};
type PauseProps = StepProps & { readonly before?: string | undefined; readonly command: (reason: string) => string };

const PauseForm = ({ title, before = '', command, send, again, onClose }: PauseProps): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: { reason: before },
    required: ['reason'],
    fieldOf: (column) => column.replace(/^paused\./, ''),
    send: async ({ reason }) => {
      await send({ paused: { reason } });
      await readAgain();
      onClose();
    },
  });
  return (
    <FormDialog
      title={title}
      form={form}
      submit={t('plan.pause')}
      command={command(shellWord(form.values.reason || 'REASON'))}
      again={again}
      onClose={onClose}
    >
      <p>{t('plan.pauseAbout')}</p>
      <FormField form={form} name="reason" label={t('plan.reason')} hint={t('plan.reasonHint')} required />
    </FormDialog>
  );
};

/** Has mailboxes of a project begun again. */
export const ResumeDialog = ({ plan: { projectId, name }, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const title = t('plan.resumeOf', { name: plain(name) });
  return (
    <ReadToEdit id="getProjectPlan" args={{ params: { projectId } }} title={title} onClose={onClose}>
      {(_plan, { ifMatch, again }) => (
        <ResumeForm
          title={title}
          about={t('plan.resumeAbout')}
          command={`pstream project resume ${projectId}`}
          send={(body) => client.planProject({ params: { projectId }, body, ifMatch })}
          again={again}
          onClose={onClose}
        />
      )}
    </ReadToEdit>
  );
};

/** The same of all projects. */
export const ResumeAllDialog = ({ onClose }: { readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  return (
    <ResumeForm
      title={t('plan.resumeAll')}
      about={t('plan.resumeAllAbout')}
      command="pstream admin resume"
      send={(body) => client.planAll({ body })}
      onClose={onClose}
    />
  );
};

type ResumeProps = StepProps & { readonly about: string; readonly command: string };

const ResumeForm = ({ title, about, command, send, again, onClose }: ResumeProps): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: {},
    required: [],
    send: async () => {
      await send({ paused: null });
      await readAgain();
      onClose();
    },
  });
  return (
    <FormDialog title={title} form={form} submit={t('plan.resume')} command={command} again={again} onClose={onClose}>
      <p>{about}</p>
    </FormDialog>
  );
};
