import { subscribableKinds } from '@pstream/api/client';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { projectsQuery } from '../api/queries.js';
import { FormCheck, FormDialog, FormField, useForm, type Form } from '../parts/form.js';
import { plain } from '../parts/format.js';
import type { Seen } from '../parts/tagged.js';
import { OneTimeDialog } from '../people/one-time-dialog.js';
import { kindName } from './kind.js';
import { readAgain, type Channel, type Subscription } from './queries.js';
import {
  addCommand,
  bodyOf,
  changeOf,
  CHANNELS,
  editCommand,
  fieldOf,
  KINDS_FIELD,
  requiredIn,
  valuesOf,
  type SubscriptionField,
} from './subscription.js';

type Props = {
  /** The subscription that is changed; a new one without it. */
  readonly before?: Subscription;
  /** Its version, and how to look at another one. */
  readonly seen?: Seen;
  readonly onClose: () => void;
};

/** Adds a subscription, or changes one. The key that signs what a new webhook gets is shown once. */
export const SubscriptionDialog = ({ before, seen, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const [key, setKey] = useState<string | undefined>();
  const form = useForm<SubscriptionField>({
    initial: valuesOf(before),
    required: (values) => requiredIn(values, before === undefined),
    fieldOf,
    send: async (values) => {
      if (before === undefined) {
        const made = await client.addSubscription({ body: bodyOf(values) });
        await readAgain(made);
        if (made.signingKey === null) onClose();
        else setKey(made.signingKey);
        return;
      }
      const body = changeOf(before, values);
      const version = seen === undefined ? {} : { ifMatch: seen.ifMatch };
      if (body !== undefined)
        await readAgain(await client.editSubscription({ params: { subscriptionId: before.subscriptionId }, body, ...version }));
      onClose();
    },
  });
  if (key !== undefined)
    return (
      <OneTimeDialog title={t('notice.keyTitle')} label={t('notice.key')} secret={key} onClose={onClose}>
        <p>{t('notice.keyAbout')}</p>
      </OneTimeDialog>
    );
  const { values } = form;
  const channel = values.channel as Channel;
  const title = before === undefined ? t('notice.add') : t('notice.editOf', { name: plain(before.name) });
  return (
    <FormDialog
      title={title}
      form={form}
      submit={before === undefined ? t('notice.add') : t('edit.save')}
      command={before === undefined ? addCommand(values) : editCommand(before, values)}
      again={seen?.again}
      onClose={onClose}
    >
      <FormField form={form} name="name" label={t('notice.name')} hint={t('notice.nameHint')} required />
      {before === undefined ? (
        <FormField
          form={form}
          name="channel"
          label={t('notice.by')}
          options={CHANNELS.map((each) => [each, t(`notice.channel.${each}`)] as const)}
        />
      ) : null}
      {channel === 'mail' ? (
        <FormField form={form} name="to" label={t('notice.addresses')} hint={t('notice.addressesHint')} lines={2} required />
      ) : (
        <FormField
          form={form}
          name="url"
          label={t('notice.url')}
          hint={before === undefined ? t(`notice.urlHint.${channel}`) : t('notice.urlKept')}
          required={before === undefined}
        />
      )}
      <Kinds form={form} />
      <ProjectField form={form} />
    </FormDialog>
  );
};

const Kinds = ({ form }: { readonly form: Form<SubscriptionField> }): ReactElement => {
  const { t } = useTranslation();
  const fault = form.faultOf(KINDS_FIELD);
  return (
    <fieldset>
      <legend>{t('notice.about')}</legend>
      {subscribableKinds.map((kind) => (
        <FormCheck key={kind} form={form} name={kind} label={kindName(t, kind)} />
      ))}
      {fault === undefined ? null : <p role="alert">{fault}</p>}
    </fieldset>
  );
};

const ProjectField = ({ form }: { readonly form: Form<SubscriptionField> }): ReactElement => {
  const { t } = useTranslation();
  const projects = useQuery(projectsQuery).data?.items ?? [];
  return (
    <FormField
      form={form}
      name="projectId"
      label={t('notice.project')}
      hint={t('notice.projectHint')}
      options={[['', t('notice.all')], ...projects.map(({ projectId, name }) => [projectId, plain(name)] as const)]}
    />
  );
};
