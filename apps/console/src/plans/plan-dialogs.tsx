import { useMemo, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { FormCheck, FormDialog, FormField, useForm } from '../parts/form.js';
import { plain } from '../parts/format.js';
import { shellWord } from '../parts/shell-word.js';
import { DAYS, planCommand, planFieldOf, planOf, planValues, type Plan, type PlanField } from './window.js';

const readAgain = (): Promise<void> => queries.invalidateQueries({ queryKey: ['plans'] });
const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
const zones = (): readonly string[] => [...new Set(['UTC', ownZone(), ...Intl.supportedValuesOf('timeZone')])];

type Props = { readonly plan: Plan; readonly onClose: () => void };

/** When mailboxes of a project are begun, and how many at once. */
export const PlanDialog = ({ plan, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const { projectId, name } = plan;
  const form = useForm<PlanField>({
    initial: planValues(plan, ownZone()),
    required: ({ limited }) => (limited === 'yes' ? ['from', 'to', 'zone'] : []),
    fieldOf: planFieldOf,
    send: async (values) => {
      await client.planProject({ params: { projectId }, body: planOf(values) });
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

/** Begins no mailbox of a project, or of any, until somebody has them go on. */
export const PauseDialog = ({ plan, onClose }: { readonly plan?: Plan; readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: { reason: '' },
    required: ['reason'],
    fieldOf: (column) => column.replace(/^paused\./, ''),
    send: async ({ reason }) => {
      const body = { paused: { reason } };
      await (plan === undefined ? client.planAll({ body }) : client.planProject({ params: { projectId: plan.projectId }, body }));
      await readAgain();
      onClose();
    },
  });
  const reason = shellWord(form.values.reason || 'REASON');
  return (
    <FormDialog
      title={plan === undefined ? t('plan.pauseAll') : t('plan.pauseOf', { name: plain(plan.name) })}
      form={form}
      submit={t('plan.pause')}
      command={plan === undefined ? `pstream admin pause --reason ${reason}` : `pstream project pause ${plan.projectId} --reason ${reason}`}
      onClose={onClose}
    >
      <p>{t('plan.pauseAbout')}</p>
      <FormField form={form} name="reason" label={t('plan.reason')} hint={t('plan.reasonHint')} required />
    </FormDialog>
  );
};

/** Has mailboxes begun again. */
export const ResumeDialog = ({ plan, onClose }: { readonly plan?: Plan; readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: {},
    required: [],
    send: async () => {
      const body = { paused: null };
      await (plan === undefined ? client.planAll({ body }) : client.planProject({ params: { projectId: plan.projectId }, body }));
      await readAgain();
      onClose();
    },
  });
  return (
    <FormDialog
      title={plan === undefined ? t('plan.resumeAll') : t('plan.resumeOf', { name: plain(plan.name) })}
      form={form}
      submit={t('plan.resume')}
      command={plan === undefined ? 'pstream admin resume' : `pstream project resume ${plan.projectId}`}
      onClose={onClose}
    >
      <p>{t(plan === undefined ? 'plan.resumeAllAbout' : 'plan.resumeAbout')}</p>
    </FormDialog>
  );
};
