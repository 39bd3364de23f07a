import { Button, Spinner } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { Name } from '../parts/basics.js';
import { FormCheck, FormDialog, FormField, useForm } from '../parts/form.js';
import { count } from '../parts/format.js';
import { Failure } from '../parts/states.js';
import { ReadToEdit, type Seen } from '../parts/tagged.js';
import { ITEM_TYPES, optionsCommand, optionsFieldOf, optionsOf, valuesOf, type OptionsField } from './options-form.js';

type Project = AnswerOf<'getProject'>;
type Preview = AnswerOf<'previewProjectOptions'>;

/** What a project exports and where it goes in the PST. What filters and mappings would match can be looked at before they hold. */
export const OptionsDialog = ({ projectId, onClose }: { readonly projectId: string; readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  return (
    <ReadToEdit id="getProject" args={{ params: { projectId } }} title={t('setup.options.title')} onClose={onClose}>
      {(project, seen) => <OptionsForm project={project} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

type FormProps = { readonly project: Project; readonly seen: Seen; readonly onClose: () => void };

const OptionsForm = ({ project, seen: { ifMatch, again }, onClose }: FormProps): ReactElement => {
  const { t } = useTranslation();
  const { projectId } = project;
  const params = { projectId };
  const [preview, setPreview] = useState<Preview | 'looking' | { readonly error: unknown } | undefined>();
  const form = useForm<OptionsField>({
    initial: valuesOf(project.options),
    required: [],
    fieldOf: optionsFieldOf,
    send: async (values) => {
      const { stream, version } = await client.replaceProjectOptions({ params, body: optionsOf(values), ifMatch });
      await client.getProject({ params, query: { atLeast: `${stream}:${version}` } });
      await queries.invalidateQueries({ queryKey: ['project', projectId] });
      onClose();
    },
  });
  const options = optionsOf(form.values);
  const look = async (): Promise<void> => {
    setPreview('looking');
    setPreview(await client.previewProjectOptions({ params, body: options }).catch((error: unknown) => ({ error })));
  };
  const kindFault = form.faultOf('email');
  return (
    <FormDialog
      title={t('setup.options.title')}
      form={form}
      submit={t('setup.options.save')}
      command={optionsCommand(projectId, options)}
      again={again}
      onClose={onClose}
      actions={
        <Button disabled={preview === 'looking'} onClick={() => void look()}>
          {preview === 'looking' ? <Spinner size="tiny" label={t('setup.options.looking')} /> : t('setup.options.preview')}
        </Button>
      }
    >
      <p>{t('setup.options.about')}</p>
      <fieldset>
        <legend>{t('setup.options.kinds')}</legend>
        {ITEM_TYPES.map((type) => (
          <FormCheck key={type} form={form} name={type} label={t(`setup.options.type.${type}`)} />
        ))}
        {kindFault === undefined ? null : <p role="alert">{kindFault}</p>}
      </fieldset>
      <FormField form={form} name="itemsFrom" label={t('setup.options.from')} type="date" />
      <FormField form={form} name="itemsBefore" label={t('setup.options.before')} type="date" hint={t('setup.options.utc')} />
      <FormField form={form} name="folderFilter" label={t('setup.options.filter')} hint={t('setup.options.filterHint')} lines={3} />
      <FormField form={form} name="folderMapping" label={t('setup.options.mapping')} hint={t('setup.options.mappingHint')} lines={3} />
      <FormField form={form} name="badItemLimit" label={t('setup.options.limit')} hint={t('setup.options.limitHint')} type="number" />
      <FormField
        form={form}
        name="trialParts"
        label={t('setup.options.trial')}
        options={[
          ['keep', t('setup.options.keep')],
          ['discard', t('setup.options.discard')],
        ]}
      />
      <FormCheck form={form} name="skipHiddenFolders" label={t('setup.options.hidden')} />
      <FormCheck form={form} name="recoverableItems" label={t('setup.options.recoverable')} />
      {preview === undefined || preview === 'looking' ? null : 'error' in preview ? (
        <Failure error={preview.error} />
      ) : (
        <Matches preview={preview} />
      )}
    </FormDialog>
  );
};

const Matches = ({ preview }: { readonly preview: Preview }): ReactElement => {
  const { t } = useTranslation();
  const { listed, mailboxes, filters, mappings, skipped, folders } = preview;
  return (
    <div role="status">
      <p>{t('setup.options.known', { count: listed, listed: count(listed), mailboxes: count(mailboxes), folders: count(folders) })}</p>
      {filters.length === 0 ? null : <p>{t('setup.options.skips', { folders: count(skipped.folders), items: count(skipped.items) })}</p>}
      <ul className="plain">
        {[...filters, ...mappings].map((match) => (
          <li key={match.rule}>
            <code>{match.rule}</code>{' '}
            {t('setup.options.matches', { count: match.folders, folders: count(match.folders), items: count(match.items) })}
            {match.examples.slice(0, 3).map(({ mailboxJobId, path, ...moved }) => (
              <p key={`${mailboxJobId} ${path}`} className="quiet">
                <Name>{path}</Name> {'target' in moved ? <Target name={String(moved.target)} /> : null}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </div>
  );
};

const Target = ({ name }: { readonly name: string }): ReactElement => (
  <>
    → <Name>{name}</Name>
  </>
);
