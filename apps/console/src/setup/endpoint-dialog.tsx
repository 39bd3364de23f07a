import { Button, Spinner } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { endpointCommand, endpointFieldOf, endpointOf, NO_ENDPOINT, requiredOf, type EndpointField } from './endpoint-form.js';
import { TestOutcome, type Outcome } from './endpoint-test.js';

type Props = { readonly customerId: string; readonly kind: 'source' | 'destination'; readonly onClose: () => void };

/** Adds a source or a destination; it can be tried before it is kept. The secret goes to the gateway and is shown nowhere again. */
export const EndpointDialog = ({ customerId, kind, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const [trying, setTrying] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | undefined>();
  const params = { customerId };
  const form = useForm<EndpointField>({
    initial: { ...NO_ENDPOINT, kind: kind === 'source' ? 'microsoft-365' : 'azure-blob' },
    required: requiredOf,
    fieldOf: endpointFieldOf,
    send: async (values) => {
      await client.addEndpoint({ params, body: endpointOf(values) });
      await queries.invalidateQueries({ queryKey: ['endpoints', customerId] });
      onClose();
    },
  });
  const { values } = form;
  const complete = requiredOf(values).every((name) => values[name].trim() !== '');
  const attempt = async (): Promise<void> => {
    setTrying(true);
    setOutcome(undefined);
    try {
      setOutcome(await client.testNewEndpoint({ params, body: { endpoint: endpointOf(values) } }));
    } catch (error) {
      setOutcome({ error });
    } finally {
      setTrying(false);
    }
  };
  const field = (name: EndpointField, more: Partial<Parameters<typeof FormField<EndpointField>>[0]> = {}): ReactElement => (
    <FormField form={form} name={name} label={t(`setup.endpoint.${name}`)} required={requiredOf(values).includes(name)} {...more} />
  );
  return (
    <FormDialog
      title={t(kind === 'source' ? 'setup.addSource' : 'setup.addDestination')}
      form={form}
      submit={t('setup.add')}
      command={endpointCommand(customerId, values)}
      onClose={onClose}
      actions={
        <Button disabled={!complete || trying} onClick={() => void attempt()}>
          {trying ? <Spinner size="tiny" label={t('setup.testing')} /> : t('setup.test')}
        </Button>
      }
    >
      {field('name')}
      {kind === 'source' ? (
        <>
          {field('tenantId', { hint: t('setup.endpoint.tenantHint') })}
          {field('clientId')}
          {field('credential', {
            options: [
              ['secret', t('setup.endpoint.bySecret')],
              ['certificate', t('setup.endpoint.byCertificate')],
            ],
          })}
          {values.credential === 'certificate' ? field('thumbprint') : null}
          {values.credential === 'certificate' ? field('secret', { lines: 4 }) : field('secret', { type: 'password' })}
          <details>
            <summary>{t('setup.endpoint.simulated')}</summary>
            {field('graphUrl')}
            {field('authorityUrl')}
          </details>
        </>
      ) : (
        <>
          {field('kind', {
            options: [
              ['azure-blob', t('setup.endpoint.azure')],
              ['folder', t('setup.endpoint.folder')],
            ],
          })}
          {values.kind === 'folder' ? (
            field('path', { hint: t('setup.endpoint.pathHint') })
          ) : (
            <>
              {field('account')}
              {field('region', { hint: 'westeurope' })}
              {field('auth', {
                options: [
                  ['sas', t('setup.endpoint.bySas')],
                  ['key', t('setup.endpoint.byKey')],
                  ['identity', t('setup.endpoint.byIdentity')],
                ],
              })}
              {values.auth === 'identity' ? null : field('secret', { type: 'password' })}
            </>
          )}
        </>
      )}
      {outcome === undefined ? null : <TestOutcome outcome={outcome} />}
    </FormDialog>
  );
};
