import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { endpointsQuery, queries } from '../api/queries.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { plain } from '../parts/format.js';
import { shellWord } from '../parts/shell-word.js';
import { ReadToEdit, type Seen } from '../parts/tagged.js';

type Project = AnswerOf<'getProject'>;
type Row = AnswerOf<'getMailbox'>;
type Endpoint = AnswerOf<'listEndpoints'>['items'][number];

/** What of a form differs from what there is: what is absent from a change stays as it is. */
const changed = <T extends Readonly<Record<string, string>>>(before: T, after: T): Partial<T> =>
  Object.fromEntries(Object.entries(after).filter(([name, value]) => value !== before[name])) as Partial<T>;

const options = (change: Readonly<Record<string, string | undefined>>, names: Readonly<Record<string, string>>): string =>
  Object.entries(change)
    .map(([name, value]) => ` --${names[name] ?? name} ${shellWord(value ?? '')}`)
    .join('');

type CustomerProps = { readonly customerId: string; readonly onClose: () => void };

/** Gives a customer another name. */
export const RenameCustomerDialog = ({ customerId, onClose }: CustomerProps): ReactElement => {
  const { t } = useTranslation();
  return (
    <ReadToEdit id="getCustomer" args={{ params: { customerId } }} title={t('edit.rename')} onClose={onClose}>
      {({ name }, seen) => <CustomerForm customerId={customerId} before={name} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

const CustomerForm = ({
  customerId,
  before,
  seen: { ifMatch, again },
  onClose,
}: CustomerProps & { readonly before: string; readonly seen: Seen }): ReactElement => {
  const { t } = useTranslation();
  const params = { customerId };
  const form = useForm({
    initial: { name: before },
    required: ['name'],
    send: async ({ name }) => {
      const { stream, version } = await client.renameCustomer({ params, body: { name }, ifMatch });
      await client.getCustomer({ params, query: { atLeast: `${stream}:${version}` } });
      await queries.invalidateQueries({ queryKey: ['customer', customerId] });
      await queries.invalidateQueries({ queryKey: ['customers'] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('edit.rename')}
      form={form}
      submit={t('edit.save')}
      command={`pstream customer rename ${customerId} ${shellWord(form.values.name || 'NAME')}`}
      again={again}
      onClose={onClose}
    >
      <FormField form={form} name="name" label={t('setup.name')} required />
    </FormDialog>
  );
};

const GIB = 1_073_741_824;

type ProjectProps = { readonly projectId: string; readonly onClose: () => void };

/** Changes name, endpoints, container and part size of a project. */
export const EditProjectDialog = ({ projectId, onClose }: ProjectProps): ReactElement => {
  const { t } = useTranslation();
  return (
    <ReadToEdit id="getProject" args={{ params: { projectId } }} title={t('edit.project')} onClose={onClose}>
      {(project, seen) => <ProjectForm project={project} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

type Edits = { readonly seen: Seen; readonly onClose: () => void };

const ProjectForm = ({ project, seen: { ifMatch, again }, onClose }: Edits & { readonly project: Project }): ReactElement => {
  const { t } = useTranslation();
  const { projectId, customerId, name, sourceEndpointId, destinationEndpointId, container, partBytes } = project;
  const params = { projectId };
  // A Discovery project has neither a source nor a part size: its form does not show them, and they never change.
  const isExport = project.type !== 'discovery';
  const before = {
    name,
    sourceEndpointId: sourceEndpointId ?? '',
    destinationEndpointId,
    container,
    partBytes: partBytes === null ? '' : String(partBytes / GIB),
  };
  const endpoints = useQuery(endpointsQuery(customerId)).data?.items ?? [];
  const of = (isSource: boolean) =>
    endpoints
      .filter(({ kind }) => (kind === 'microsoft-365') === isSource)
      .map((endpoint) => [endpoint.endpointId, plain(endpoint.name)] as const);
  const form = useForm({
    initial: before,
    required: isExport ? ['name', 'container', 'partBytes'] : ['name', 'container'],
    send: async (values) => {
      const { partBytes: size, ...change } = changed(before, values);
      if (size === undefined && Object.keys(change).length === 0) return onClose();
      const { stream, version } = await client.editProject({
        params,
        body: { ...change, ...(size === undefined ? {} : { partBytes: Math.round(Number(size) * GIB) }) },
        ifMatch,
      });
      await client.getProject({ params, query: { atLeast: `${stream}:${version}` } });
      await queries.invalidateQueries({ queryKey: ['project', projectId] });
      await queries.invalidateQueries({ queryKey: ['projects'] });
      onClose();
    },
  });
  const { name: newName, partBytes: newSize, ...rest } = changed(before, form.values);
  const flags = `${options(rest, { sourceEndpointId: 'source', destinationEndpointId: 'destination' })}${newSize === undefined ? '' : ` --part-size ${shellWord(`${newSize}GiB`)}`}`;
  const rename = newName === undefined ? '' : `pstream project rename ${projectId} ${shellWord(newName)}`;
  const edit = flags === '' && rename !== '' ? '' : `pstream project edit ${projectId}${flags}`;
  return (
    <FormDialog
      title={t('edit.project')}
      form={form}
      submit={t('edit.save')}
      command={[rename, edit].filter((command) => command !== '').join(' && ')}
      again={again}
      onClose={onClose}
    >
      <p>{t('edit.projectAbout')}</p>
      <FormField form={form} name="name" label={t('setup.name')} required />
      {isExport ? <FormField form={form} name="sourceEndpointId" label={t('setup.source')} options={of(true)} /> : null}
      <FormField form={form} name="destinationEndpointId" label={t('setup.destination')} options={of(false)} />
      <FormField form={form} name="container" label={t('setup.container')} hint={t('setup.containerHint')} required />
      {isExport ? (
        <FormField form={form} name="partBytes" label={t('edit.partSize')} hint={t('edit.partSizeHint')} type="number" required />
      ) : null}
    </FormDialog>
  );
};

/** Mends the address or the PST name of a mailbox of which nothing has been read. */
export const EditMailboxDialog = ({
  mailboxJobId,
  onClose,
}: {
  readonly mailboxJobId: string;
  readonly onClose: () => void;
}): ReactElement => {
  const { t } = useTranslation();
  return (
    <ReadToEdit id="getMailbox" args={{ params: { mailboxJobId } }} title={t('edit.mailbox')} onClose={onClose}>
      {(row, seen) => <MailboxForm row={row} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

const MailboxForm = ({ row, seen: { ifMatch, again }, onClose }: Edits & { readonly row: Row }): ReactElement => {
  const { t } = useTranslation();
  const { mailboxJobId, projectId } = row;
  const params = { mailboxJobId };
  const before = { source: row.source, destination: row.destination };
  const form = useForm({
    initial: before,
    required: ['source', 'destination'],
    send: async (values) => {
      const change = changed(before, values);
      if (Object.keys(change).length === 0) return onClose();
      const { stream, version } = await client.editMailbox({ params, body: change, ifMatch });
      await client.getMailbox({ params, query: { atLeast: `${stream}:${version}` } });
      await queries.invalidateQueries({ queryKey: ['mailbox', mailboxJobId] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('edit.mailbox')}
      form={form}
      submit={t('edit.save')}
      command={`pstream mailbox edit ${projectId} ${shellWord(row.source)}${options(changed(before, form.values), {})}`}
      again={again}
      onClose={onClose}
    >
      <p>{t('edit.mailboxAbout')}</p>
      <FormField form={form} name="source" label={t('edit.address')} required />
      <FormField form={form} name="destination" label={t('edit.pst')} required />
    </FormDialog>
  );
};

const FIELDS = {
  'microsoft-365': ['name', 'tenantId', 'clientId', 'outOfScope', 'graphUrl', 'authorityUrl'],
  'azure-blob': ['name', 'account', 'region', 'endpoint'],
  folder: ['name', 'path'],
} as const;
const FLAGS = {
  tenantId: 'tenant-id',
  clientId: 'client-id',
  outOfScope: 'out-of-scope',
  graphUrl: 'graph-url',
  authorityUrl: 'authority-url',
  path: 'folder',
};
/** Settings that an endpoint may be without. */
const OPTIONAL: readonly string[] = ['outOfScope', 'graphUrl', 'authorityUrl', 'endpoint'];
type EndpointField = (typeof FIELDS)[keyof typeof FIELDS][number];

/** Changes the name or the settings of an endpoint; its secret is replaced by itself. */
export const EditEndpointDialog = ({
  endpoint: { customerId, endpointId, name },
  onClose,
}: {
  readonly endpoint: Endpoint;
  readonly onClose: () => void;
}): ReactElement => {
  const { t } = useTranslation();
  const params = { customerId, endpointId };
  return (
    <ReadToEdit id="getEndpoint" args={{ params }} title={t('edit.endpointOf', { name: plain(name) })} onClose={onClose}>
      {(endpoint, seen) => <EndpointForm endpoint={endpoint} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

const EndpointForm = ({ endpoint, seen: { ifMatch, again }, onClose }: Edits & { readonly endpoint: Endpoint }): ReactElement => {
  const { t } = useTranslation();
  const { customerId, endpointId, kind, settings } = endpoint;
  const params = { customerId, endpointId };
  const fields: readonly EndpointField[] = FIELDS[kind];
  const before = Object.fromEntries(fields.map((name) => [name, name === 'name' ? endpoint.name : (settings[name] ?? '')])) as Record<
    EndpointField,
    string
  >;
  const form = useForm<EndpointField>({
    initial: before,
    required: fields.filter((name) => !OPTIONAL.includes(name)),
    send: async (values) => {
      const change = changed(before, values);
      if (Object.keys(change).length === 0) return onClose();
      const { stream, version } = await client.editEndpoint({ params, body: change, ifMatch });
      await client.getEndpoint({ params, query: { atLeast: `${stream}:${version}` } });
      await queries.invalidateQueries({ queryKey: ['endpoints', customerId] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('edit.endpointOf', { name: plain(endpoint.name) })}
      form={form}
      submit={t('edit.save')}
      command={`pstream endpoint edit ${customerId} ${endpointId}${options(changed(before, form.values), FLAGS)}`}
      again={again}
      onClose={onClose}
    >
      <p>{t('edit.endpointAbout')}</p>
      {fields.map((name) => (
        <FormField
          key={name}
          form={form}
          name={name}
          label={name === 'outOfScope' ? t('edit.outOfScope') : t(`setup.endpoint.${name}`)}
          required={!OPTIONAL.includes(name)}
        />
      ))}
    </FormDialog>
  );
};

type RemoveProps = {
  readonly title: string;
  readonly about: string;
  /** What the button says; that it removes, unless something else is done. */
  readonly submit?: string;
  readonly command: string;
  readonly remove: () => Promise<unknown>;
  readonly onClose: () => void;
  /** Looks again, where it is removed only as it was seen. */
  readonly again?: (() => void) | undefined;
};

/** Removes something that nothing needs; the gateway says what still does. */
export const RemoveDialog = ({ title, about, submit, command, remove, onClose, again }: RemoveProps): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: {},
    required: [],
    send: async () => {
      await remove();
      onClose();
    },
  });
  return (
    <FormDialog title={title} form={form} submit={submit ?? t('edit.remove')} command={command} onClose={onClose} again={again}>
      <p>{about}</p>
    </FormDialog>
  );
};
