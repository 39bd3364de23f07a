import { Button, Field, Select } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { Link, Name } from '../parts/basics.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { plain } from '../parts/format.js';
import { ReadToEdit, type Seen } from '../parts/tagged.js';
import { Text } from '../parts/text.js';
import { TestFrame } from './dialogs.js';
import { kindName } from './kind.js';
import { readWordsAgain, subscriptionsQuery, type Template } from './queries.js';
import { changeOf, valuesOf, wordCommand, wordsOf, type TemplateValues } from './template.js';

type Props = { readonly kind: Template['kind']; readonly onClose: () => void };
type FormProps = { readonly template: Template; readonly seen: Seen; readonly onClose: () => void };

/** A template as it is now, with the version that a change of it names. */
const WithTemplate = ({
  kind,
  title,
  onClose,
  children,
}: Props & { readonly title: string; readonly children: (template: Template, seen: Seen) => ReactElement }): ReactElement => (
  <ReadToEdit id="listNoticeTemplates" args={{}} title={title} onClose={onClose}>
    {({ items }, seen) => children(items.find((template) => template.kind === kind)!, seen)}
  </ReadToEdit>
);

/** Gives notices of a kind other words, and shows how they would look. */
export const EditTemplateDialog = ({ kind, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  return (
    <WithTemplate kind={kind} title={t('template.editOf', { kind: kindName(t, kind) })} onClose={onClose}>
      {(template, seen) => <EditForm template={template} seen={seen} onClose={onClose} />}
    </WithTemplate>
  );
};

type Preview = { readonly of: TemplateValues; readonly shown: AnswerOf<'previewNotice'> };

const EditForm = ({ template, seen: { ifMatch, again }, onClose }: FormProps): ReactElement => {
  const { t } = useTranslation();
  const { kind, placeholders } = template;
  const [preview, setPreview] = useState<Preview | undefined>();
  const form = useForm<keyof TemplateValues>({
    initial: valuesOf(template),
    required: [],
    send: async (values) => {
      const body = changeOf(template, values);
      if (body !== undefined) await readWordsAgain(await client.editNoticeTemplate({ params: { kind }, body, ifMatch }));
      onClose();
    },
  });
  const { values } = form;
  const show = (): Promise<void> =>
    form.attempt(async (of) => setPreview({ of, shown: await client.previewNotice({ params: { kind }, body: wordsOf(of) }) }));
  return (
    <FormDialog
      title={t('template.editOf', { kind: kindName(t, kind) })}
      form={form}
      submit={t('edit.save')}
      command={wordCommand(kind, changeOf(template, values) ?? wordsOf(values))}
      actions={
        <Button disabled={form.busy} onClick={() => void show()}>
          {t('template.preview')}
        </Button>
      }
      again={again}
      onClose={onClose}
    >
      <FormField form={form} name="subject" label={t('template.subject')} hint={t('template.subjectHint')} />
      <FormField form={form} name="body" label={t('template.body')} hint={t('template.bodyHint')} lines={5} />
      <p className="quiet">
        {t('template.placeholders')}{' '}
        {placeholders.map((name) => (
          <span key={name}>
            <code>{`{${name}}`}</code>{' '}
          </span>
        ))}
      </p>
      <div role="status">
        {preview === undefined ? null : preview.of === values ? (
          <section className="preview" aria-label={t('template.preview')}>
            <strong>
              <Name>{preview.shown.subject}</Name>
            </strong>
            <Text>{preview.shown.text}</Text>
          </section>
        ) : (
          <p className="quiet">{t('template.previewOld')}</p>
        )}
      </div>
    </FormDialog>
  );
};

/** Gives notices of a kind their usual words back. */
export const ResetTemplateDialog = ({ kind, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  return (
    <WithTemplate kind={kind} title={t('template.resetOf', { kind: kindName(t, kind) })} onClose={onClose}>
      {(template, seen) => <ResetForm template={template} seen={seen} onClose={onClose} />}
    </WithTemplate>
  );
};

const USUAL = { subject: null, body: null };

const ResetForm = ({ template: { kind, subject, body }, seen: { ifMatch, again }, onClose }: FormProps): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: {},
    required: [],
    send: async () => {
      await readWordsAgain(await client.editNoticeTemplate({ params: { kind }, body: USUAL, ifMatch }));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('template.resetOf', { kind: kindName(t, kind) })}
      form={form}
      submit={t('template.step.reset')}
      command={wordCommand(kind, USUAL)}
      again={again}
      onClose={onClose}
    >
      <p>{t('template.resetAbout')}</p>
      {subject === null ? null : <Text>{subject}</Text>}
      {body === null ? null : <Text>{body}</Text>}
    </FormDialog>
  );
};

/** Sends a notice of a kind with made-up values to a subscription. */
export const TestTemplateDialog = ({ kind, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const subscriptions = useQuery(subscriptionsQuery);
  // What is posted to a webhook is data, whatever the words.
  const worded = subscriptions.data?.items.filter(({ channel }) => channel !== 'webhook');
  const [chosen, setChosen] = useState<string | undefined>();
  const subscription = worded?.find(({ subscriptionId }) => subscriptionId === chosen) ?? worded?.[0];
  return (
    <TestFrame title={t('template.testOf', { kind: kindName(t, kind) })} subscription={subscription} about={kind} onClose={onClose}>
      <p>{t('template.testAbout')}</p>
      {worded === undefined ? null : worded.length === 0 ? (
        <p>
          {t('template.nobody')} <Link to="/notices">{t('notice.title')}</Link>
        </p>
      ) : (
        <Field label={t('template.to')}>
          <Select value={subscription?.subscriptionId ?? ''} onChange={(_event, { value }) => setChosen(value)}>
            {worded.map(({ subscriptionId, name }) => (
              <option key={subscriptionId} value={subscriptionId}>
                {plain(name)}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </TestFrame>
  );
};
