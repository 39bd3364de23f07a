import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { endpointsQuery, queries } from '../api/queries.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { plain } from '../parts/format.js';
import { shellWord } from '../parts/shell-word.js';

type Props = {
  readonly customerId: string;
  /** Instead of going to the project. */
  readonly onAdded?: (projectId: string) => void;
  readonly onClose: () => void;
};

/** Creates a project of a customer, and goes to it. */
export const ProjectDialog = ({ customerId, onAdded, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const endpoints = useQuery(endpointsQuery(customerId)).data?.items ?? [];
  const sources = endpoints.filter(({ kind }) => kind === 'microsoft-365');
  const destinations = endpoints.filter(({ kind }) => kind !== 'microsoft-365');
  const form = useForm({
    initial: {
      name: '',
      type: 'mailbox',
      sourceEndpointId: sources[0]?.endpointId ?? '',
      destinationEndpointId: destinations[0]?.endpointId ?? '',
      container: '',
    },
    required: ['name', 'sourceEndpointId', 'destinationEndpointId'],
    send: async ({ name, type, sourceEndpointId, destinationEndpointId, container }) => {
      const { id, stream, version } = await client.createProject({
        params: { customerId },
        body: {
          name,
          type: type === 'archive' ? 'archive' : 'mailbox',
          sourceEndpointId,
          destinationEndpointId,
          ...(container.trim() === '' ? {} : { container }),
        },
      });
      await client.getProject({ params: { projectId: id }, query: { atLeast: `${stream}:${version}` } });
      await queries.invalidateQueries({ queryKey: ['projects'] });
      onClose();
      if (onAdded !== undefined) return onAdded(id);
      await navigate({ to: '/projects/$projectId', params: { projectId: id } });
    },
  });
  const { name, type, sourceEndpointId, destinationEndpointId, container } = form.values;
  const choices = (some: typeof sources) => some.map((endpoint) => [endpoint.endpointId, plain(endpoint.name)] as const);
  return (
    <FormDialog
      title={t('setup.addProject')}
      form={form}
      submit={t('setup.add')}
      command={`pstream project create ${customerId} ${shellWord(name || 'NAME')} --type ${type} --source ${sourceEndpointId} --destination ${destinationEndpointId}${container.trim() === '' ? '' : ` --container ${shellWord(container)}`}`}
      onClose={onClose}
    >
      <FormField form={form} name="name" label={t('setup.name')} required />
      <FormField
        form={form}
        name="type"
        label={t('setup.projectType')}
        options={[
          ['mailbox', t('setup.typeMailbox')],
          ['archive', t('setup.typeArchive')],
        ]}
      />
      <FormField form={form} name="sourceEndpointId" label={t('setup.source')} required options={choices(sources)} />
      <FormField form={form} name="destinationEndpointId" label={t('setup.destination')} required options={choices(destinations)} />
      <FormField form={form} name="container" label={t('setup.container')} hint={t('setup.containerHint')} />
    </FormDialog>
  );
};
