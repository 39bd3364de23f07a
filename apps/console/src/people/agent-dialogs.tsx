import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { meQuery, queries } from '../api/queries.js';
import { here } from '../browser.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { moment, plain } from '../parts/format.js';
import { shellWord } from '../parts/shell-word.js';
import { ReadToEdit, type Seen } from '../parts/tagged.js';
import { OneTimeDialog } from './one-time-dialog.js';
import { givenBy } from './roles.js';
import type { Agent, Role } from './queries.js';

/** Somebody's way in, which is shown this once. */
type Made = { readonly path: string; readonly expiresAt: string; readonly email: string };

const readAgain = (): Promise<void> => queries.invalidateQueries({ queryKey: ['people'] });

const Address = ({ made, onClose }: { readonly made: Made; readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  return (
    <OneTimeDialog title={t('people.addressTitle')} label={t('people.address')} secret={`${here()}${made.path}`} onClose={onClose}>
      <p>{t('people.handOn', { who: plain(made.email), until: moment(made.expiresAt) })}</p>
    </OneTimeDialog>
  );
};

const useRoleOptions = (): readonly (readonly [Role, string])[] => {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  return givenBy(me.data?.role).map((role) => [role, t(`role.${role}`)] as const);
};

/** Invites somebody, and shows the address by which they sign in. */
export const InviteDialog = ({ onClose }: { readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  const options = useRoleOptions();
  const [made, setMade] = useState<Made | undefined>();
  const form = useForm({
    initial: { email: '', name: '', role: 'agent' },
    required: ['email'],
    send: async ({ email, name, role }) => {
      const invited = await client.inviteAgent({
        body: { email, role: role as Role, ...(name.trim() === '' ? {} : { name }) },
      });
      setMade({ ...invited, email });
      await readAgain();
    },
  });
  if (made !== undefined) return <Address made={made} onClose={onClose} />;
  const { email, name, role } = form.values;
  return (
    <FormDialog
      title={t('people.invite')}
      form={form}
      submit={t('people.invite')}
      command={`pstream people invite ${shellWord(email || 'ADDRESS')}${name.trim() === '' ? '' : ` --name ${shellWord(name)}`} --role ${role}`}
      onClose={onClose}
    >
      <p>{t('people.inviteAbout')}</p>
      <FormField form={form} name="email" label={t('people.email')} required />
      <FormField form={form} name="name" label={t('people.name')} hint={t('people.nameHint')} />
      <FormField form={form} name="role" label={t('people.role')} options={options} />
    </FormDialog>
  );
};

/** What can be done to somebody. */
export type AgentStep = 'role' | 'activate' | 'deactivate' | 'link' | 'remove';

type StepProps = { readonly agent: Agent; readonly step: AgentStep; readonly onClose: () => void };

/** Gives another role, lets in or no more, makes another sign-in address, or removes. */
export const AgentDialog = ({ agent: { agentId }, step, onClose }: StepProps): ReactElement => {
  const { t } = useTranslation();
  return (
    <ReadToEdit id="getAgent" args={{ params: { agentId } }} title={t(`people.step.${step}`)} onClose={onClose}>
      {(agent, seen) => <AgentForm agent={agent} step={step} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

const AgentForm = ({ agent, step, seen: { ifMatch, again }, onClose }: StepProps & { readonly seen: Seen }): ReactElement => {
  const { t } = useTranslation();
  const options = useRoleOptions();
  const { agentId, email } = agent;
  const params = { agentId };
  const [made, setMade] = useState<Made | undefined>();
  const form = useForm({
    initial: { role: agent.role },
    required: [],
    send: async ({ role }) => {
      if (step === 'link') return setMade({ ...(await client.createAgentLink({ params })), email });
      if (step === 'remove') await client.removeAgent({ params, ifMatch });
      else await client.editAgent({ params, body: step === 'role' ? { role: role as Role } : { active: step === 'activate' }, ifMatch });
      await readAgain();
      onClose();
    },
  });
  if (made !== undefined) return <Address made={made} onClose={onClose} />;
  const who = shellWord(email);
  const command: Readonly<Record<AgentStep, string>> = {
    role: `pstream people role ${who} ${form.values.role}`,
    activate: `pstream people activate ${who}`,
    deactivate: `pstream people deactivate ${who}`,
    link: `pstream people link ${who}`,
    remove: `pstream people remove ${who} --yes`,
  };
  return (
    <FormDialog
      title={t(`people.step.${step}`)}
      form={form}
      submit={t(`people.step.${step}`)}
      command={command[step]}
      again={again}
      onClose={onClose}
    >
      <p>{t(`people.about.${step}`, { name: plain(agent.name), email: plain(email) })}</p>
      {step === 'role' ? <FormField form={form} name="role" label={t('people.role')} options={options} /> : null}
    </FormDialog>
  );
};
