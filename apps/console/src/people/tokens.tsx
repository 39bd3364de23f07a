import { Button, Checkbox } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { customersQuery, meQuery, queries } from '../api/queries.js';
import { Command, Name, Section, useNowMs } from '../parts/basics.js';
import { FormCheck, FormDialog, FormField, useForm, type Form } from '../parts/form.js';
import { moment, plain } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { shellWord } from '../parts/shell-word.js';
import { Empty, Read } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import { OneTimeDialog } from './one-time-dialog.js';
import { peopleQuery, tokensQuery, type Role, type Token } from './queries.js';
import { givenBy } from './roles.js';
import { Table } from '../parts/table.js';

const MINUTE_MS = 60_000;
const SOON_MS = 14 * 86_400_000;

/** API tokens: one's own, or everybody's for whoever manages people. */
export const Tokens = (): ReactElement => {
  const { t } = useTranslation();
  const tokens = useQuery(tokensQuery);
  const mayManage = useMay('people.manage');
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | undefined>();
  return (
    <Section
      id="tokens"
      title={t('people.tokens')}
      action={
        <Button size="small" appearance="primary" onClick={() => setCreating(true)}>
          {t('people.create')}…
        </Button>
      }
      command="pstream token list"
    >
      <p className="quiet">{t(mayManage ? 'people.tokensAll' : 'people.tokensOwn')}</p>
      <Read query={tokens}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('people.noTokens')}>
              <p>{t('people.noTokensNext')}</p>
            </Empty>
          ) : (
            <Table
              label={t('people.tokens')}
              heads={[
                t('people.token'),
                t('people.role'),
                t('people.lastUsed'),
                t('people.expires'),
                t('people.created'),
                t('people.actions'),
              ]}
              stack
            >
              {items.map((token) => (
                <Line key={token.tokenId} token={token} onRevoke={() => setRevoking(token)} />
              ))}
            </Table>
          )
        }
      </Read>
      {creating ? <CreateDialog onClose={() => setCreating(false)} /> : null}
      {revoking === undefined ? null : <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />}
    </Section>
  );
};

const Line = ({ token, onRevoke }: { readonly token: Token; readonly onRevoke: () => void }): ReactElement => {
  const { t } = useTranslation();
  const people = useQuery(peopleQuery);
  const nowMs = useNowMs(MINUTE_MS);
  const { name, role, agentId, expiresAt, lastUsedAt, createdAt, customerIds } = token;
  const named = useQuery({ ...customersQuery, enabled: customerIds !== null });
  const customers = new Map(named.data?.items.map((customer) => [customer.customerId, customer.name]));
  const leftMs = expiresAt === null ? Infinity : Date.parse(expiresAt) - nowMs;
  const of = people.data?.items.find((agent) => agent.agentId === agentId);
  return (
    <tr>
      <th scope="row">
        <Name>{name}</Name>
        <div className="quiet">
          {agentId === null ? t('people.service') : of === undefined ? t('people.personal') : <Name>{of.name}</Name>}
        </div>
        {customerIds === null ? null : (
          <div className="quiet">
            {t('people.only')} <Name>{customerIds.map((id) => customers.get(id) ?? id).join(', ')}</Name>
          </div>
        )}
      </th>
      <td data-label={t('people.role')}>{t(`role.${role}`)}</td>
      <td data-label={t('people.lastUsed')}>{lastUsedAt === null ? t('people.neverUsed') : moment(lastUsedAt)}</td>
      <td data-label={t('people.expires')}>
        {expiresAt === null ? (
          t('people.never')
        ) : leftMs <= 0 ? (
          <Chip sign="✕" tone="bad" word={t('people.expired')} />
        ) : leftMs < SOON_MS ? (
          <Chip sign="!" tone="warn" word={moment(expiresAt)} />
        ) : (
          moment(expiresAt)
        )}
      </td>
      <td data-label={t('people.created')}>{moment(createdAt)}</td>
      <td>
        <Button size="small" aria-label={t('people.revokeOf', { name: plain(name) })} onClick={onRevoke}>
          {t('people.revoke')}…
        </Button>
      </td>
    </tr>
  );
};

const CreateDialog = ({ onClose }: { readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  const mayManage = useMay('people.manage');
  const roles = givenBy(me.data?.role);
  const [value, setValue] = useState<string | undefined>();
  const [customerIds, setCustomerIds] = useState<readonly string[]>([]);
  const form = useForm({
    initial: { name: '', role: roles.includes('agent') ? 'agent' : (roles[0] ?? 'viewer'), expiresInDays: '90', service: '', confined: '' },
    required: ['name'],
    fieldOf: (column) => (column.startsWith('customerIds') ? 'confined' : column),
    send: async ({ name, role, expiresInDays, service, confined }) => {
      const { token } = await client.createToken({
        body: {
          name,
          role: role as Role,
          ...(expiresInDays.trim() === '' ? {} : { expiresInDays: Number(expiresInDays) }),
          ...(service === 'yes' ? { service: true } : {}),
          ...(confined === 'yes' ? { customerIds: [...customerIds] } : {}),
        },
      });
      setValue(token);
      await queries.invalidateQueries({ queryKey: ['tokens'] });
    },
  });
  if (value !== undefined)
    return (
      <OneTimeDialog title={t('people.tokenTitle')} label={t('people.tokenValue')} secret={value} onClose={onClose}>
        <p>{t('people.tokenAbout')}</p>
        <Command command="pstream login --token-file token.txt" />
      </OneTimeDialog>
    );
  const { name, role, expiresInDays, service, confined } = form.values;
  const days = expiresInDays.trim();
  return (
    <FormDialog
      title={t('people.create')}
      form={form}
      submit={t('people.create')}
      command={`pstream token create ${shellWord(name || 'NAME')} --role ${role}${days === '' ? '' : ` --days ${shellWord(days)}`}${service === 'yes' ? ' --service' : ''}${confined === 'yes' ? ` --customer ${customerIds.join(' ') || 'CUSTOMER'}` : ''}`}
      onClose={onClose}
    >
      <FormField form={form} name="name" label={t('people.tokenName')} hint={t('people.tokenNameHint')} required />
      <FormField form={form} name="role" label={t('people.role')} options={roles.map((each) => [each, t(`role.${each}`)] as const)} />
      <FormField form={form} name="expiresInDays" label={t('people.days')} hint={t('people.daysHint')} type="number" />
      <FormCheck form={form} name="confined" label={t('people.confined')} />
      {confined === 'yes' ? <Customers form={form} chosen={customerIds} onChange={setCustomerIds} /> : null}
      {mayManage ? (
        <>
          <FormCheck form={form} name="service" label={t('people.service')} />
          <p className="quiet">{t('people.serviceAbout')}</p>
        </>
      ) : null}
    </FormDialog>
  );
};

type CustomersProps = {
  readonly form: Form<'confined'>;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
};

/** The customers that a token is confined to. */
const Customers = ({ form, chosen, onChange }: CustomersProps): ReactElement => {
  const { t } = useTranslation();
  const customers = useQuery(customersQuery);
  const fault = form.faultOf('confined');
  return (
    <fieldset className="choices">
      <legend>{t('nav.customers')}</legend>
      <Read query={customers} lines={2}>
        {({ items }) =>
          items.length === 0
            ? t('customers.none')
            : items.map(({ customerId, name }) => (
                <Checkbox
                  key={customerId}
                  label={plain(name)}
                  checked={chosen.includes(customerId)}
                  onChange={(_event, { checked }) =>
                    onChange(checked === true ? [...chosen, customerId] : chosen.filter((each) => each !== customerId))
                  }
                />
              ))
        }
      </Read>
      {fault === undefined ? null : <p role="alert">{fault}</p>}
      <p className="quiet">{t('people.confinedAbout')}</p>
    </fieldset>
  );
};

const RevokeDialog = ({ token: { tokenId, name }, onClose }: { readonly token: Token; readonly onClose: () => void }): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: {},
    required: [],
    send: async () => {
      await client.revokeToken({ params: { tokenId } });
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('people.revokeOf', { name: plain(name) })}
      form={form}
      submit={t('people.revoke')}
      command={`pstream token revoke ${tokenId}`}
      onClose={onClose}
    >
      <p>{t('people.revokeAbout')}</p>
    </FormDialog>
  );
};
