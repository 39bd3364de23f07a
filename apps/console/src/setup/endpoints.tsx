import { Button, Spinner } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { endpointsQuery, queries } from '../api/queries.js';
import { Copyable, Name, Section } from '../parts/basics.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { moment, plain } from '../parts/format.js';
import { Empty, Read } from '../parts/states.js';
import { LimitDialog } from '../plans/limit-dialog.js';
import { EditEndpointDialog, RemoveDialog } from './edit-dialogs.js';
import { EndpointDialog } from './endpoint-dialog.js';
import { TestOutcome, type Outcome } from './endpoint-test.js';

type Endpoint = AnswerOf<'listEndpoints'>['items'][number];

/** The sources and destinations of a customer: add, try, replace a secret. */
export const Endpoints = ({ customerId, mayRun }: { readonly customerId: string; readonly mayRun: boolean }): ReactElement => {
  const { t } = useTranslation();
  const endpoints = useQuery(endpointsQuery(customerId));
  const [adding, setAdding] = useState<'source' | 'destination' | undefined>();
  return (
    <Section id="endpoints" title={t('setup.endpoints')} command={`pstream endpoint list ${customerId}`}>
      {mayRun ? (
        <div className="row-actions">
          <Button size="small" onClick={() => setAdding('source')}>
            {t('setup.addSource')}…
          </Button>
          <Button size="small" onClick={() => setAdding('destination')}>
            {t('setup.addDestination')}…
          </Button>
        </div>
      ) : null}
      <Read query={endpoints} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('setup.noEndpoints')}>
              <p>{t('setup.noEndpointsNext')}</p>
            </Empty>
          ) : (
            <ul className="error-groups">
              {items.map((endpoint) => (
                <EndpointLine key={endpoint.endpointId} endpoint={endpoint} mayRun={mayRun} />
              ))}
            </ul>
          )
        }
      </Read>
      {adding === undefined ? null : <EndpointDialog customerId={customerId} kind={adding} onClose={() => setAdding(undefined)} />}
    </Section>
  );
};

const SHOWN = ['tenantId', 'clientId', 'account', 'region', 'path', 'credential'] as const;

const EndpointLine = ({ endpoint, mayRun }: { readonly endpoint: Endpoint; readonly mayRun: boolean }): ReactElement => {
  const { t } = useTranslation();
  const { customerId, endpointId, kind, settings, secretRotatedAt } = endpoint;
  const [outcome, setOutcome] = useState<Outcome | 'trying' | undefined>();
  const [rotating, setRotating] = useState(false);
  const [editing, setEditing] = useState<'edit' | 'limit' | 'remove' | undefined>();
  const params = { customerId, endpointId };
  const attempt = async (): Promise<void> => {
    setOutcome('trying');
    setOutcome(await client.testEndpoint({ params, body: {} }).catch((error: unknown) => ({ error })));
  };
  const hasSecret = ['secret', 'key', 'sas'].includes(settings['credential'] ?? '');
  return (
    <li>
      <div className="group-head">
        <strong>
          <Name>{endpoint.name}</Name>
        </strong>
        <span className="quiet">{t(`setup.kind.${kind}`)}</span>
        <Copyable text={endpointId} label={t('setup.endpointId')} short />
        <span className="row-actions">
          {mayRun ? (
            <Button size="small" disabled={outcome === 'trying'} onClick={() => void attempt()}>
              {t('setup.test')}
            </Button>
          ) : null}
          {mayRun && hasSecret ? (
            <Button size="small" onClick={() => setRotating(true)}>
              {t('setup.rotate')}…
            </Button>
          ) : null}
          {mayRun ? (
            <>
              <Button size="small" aria-label={t('edit.endpointOf', { name: plain(endpoint.name) })} onClick={() => setEditing('edit')}>
                {t('edit.editEndpoint')}…
              </Button>
              {kind === 'microsoft-365' ? (
                <Button size="small" aria-label={t('plan.limitOf', { name: plain(endpoint.name) })} onClick={() => setEditing('limit')}>
                  {t('plan.setLimit')}…
                </Button>
              ) : null}
              <Button size="small" aria-label={t('edit.removeOf', { name: plain(endpoint.name) })} onClick={() => setEditing('remove')}>
                {t('edit.remove')}…
              </Button>
            </>
          ) : null}
        </span>
      </div>
      <p className="quiet">
        {SHOWN.filter((name) => settings[name] !== undefined).map((name) => (
          <span key={name} className="pair">
            {t(`setup.setting.${name}`)} <Name>{settings[name] ?? ''}</Name>
          </span>
        ))}
        {secretRotatedAt === null ? null : t('setup.rotatedAt', { at: moment(secretRotatedAt) })}
      </p>
      {outcome === 'trying' ? (
        <Spinner size="tiny" label={t('setup.testing')} />
      ) : outcome === undefined ? null : (
        <TestOutcome outcome={outcome} />
      )}
      {editing === 'edit' ? <EditEndpointDialog endpoint={endpoint} onClose={() => setEditing(undefined)} /> : null}
      {editing === 'limit' ? (
        <LimitDialog
          title={t('plan.limitOf', { name: plain(endpoint.name) })}
          about={t('plan.limitAbout')}
          command={(limit) => `pstream endpoint limit ${customerId} ${endpointId} ${limit}`}
          send={(maxMailboxes) => client.planEndpoint({ params, body: { maxMailboxes } })}
          onClose={() => setEditing(undefined)}
        />
      ) : null}
      {editing === 'remove' ? (
        <RemoveDialog
          title={t('edit.removeOf', { name: plain(endpoint.name) })}
          about={t('edit.removeEndpointAbout')}
          command={`pstream endpoint remove ${customerId} ${endpointId} --yes`}
          remove={async () => {
            await client.removeEndpoint({ params });
            await queries.invalidateQueries({ queryKey: ['endpoints', customerId] });
          }}
          onClose={() => setEditing(undefined)}
        />
      ) : null}
      {rotating ? <RotateDialog endpoint={endpoint} onClose={() => setRotating(false)} /> : null}
    </li>
  );
};

const RotateDialog = ({ endpoint, onClose }: { readonly endpoint: Endpoint; readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  const { customerId, endpointId, name } = endpoint;
  const form = useForm({
    initial: { value: '' },
    required: ['value'],
    send: async ({ value }) => {
      await client.rotateEndpointSecret({ params: { customerId, endpointId }, body: { value } });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('setup.rotateOf', { name: plain(name) })}
      form={form}
      submit={t('setup.rotate')}
      command={`pstream endpoint rotate-secret ${customerId} ${endpointId} --secret-file secret.txt`}
      onClose={onClose}
    >
      <p>{t('setup.rotateAbout')}</p>
      <FormField form={form} name="value" label={t('setup.endpoint.secret')} type="password" required />
    </FormDialog>
  );
};
