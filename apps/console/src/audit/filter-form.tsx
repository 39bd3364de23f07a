import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type FormEvent, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { meQuery } from '../api/queries.js';
import { FormField, useForm } from '../parts/form.js';
import { plain } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { peopleQuery, tokensQuery } from '../people/queries.js';
import { OUTCOMES, type AuditSearch } from '../search.js';
import { searchOf, valuesOf, wrongTimes } from './filter.js';

const route = getRouteApi('/audit');

/** Every operation that the API has, and how somebody signs in with an account. */
const ACTIONS = [...Object.keys(client), 'accountSignIn'].sort();

/** What of the record is shown, by who, action, object, outcome and time. It is in the address. */
export const Filter = ({ search }: { readonly search: AuditSearch }): ReactElement => {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const mayInstallation = useMay('system');
  const people = usePeople(search.person);
  const form = useForm({
    initial: valuesOf(search),
    required: [],
    send: async (values) => {
      if (wrongTimes(values).length === 0) await navigate({ search: searchOf(values) });
    },
  });
  const wrong = wrongTimes(form.values);
  const time = (name: 'from' | 'before') => ({ name, ...(wrong.includes(name) ? { fault: t('plan.noTime') } : {}) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void form.submit();
  };
  const isFiltered = Object.keys(search).length > 0;
  return (
    <details open={isFiltered}>
      <summary>{t('audit.filter')}</summary>
      <form className="filter" onSubmit={submit} noValidate>
        <FormField form={form} name="person" label={t('audit.who')} options={[['', t('audit.everybody')], ...people]} />
        <FormField form={form} name="action" label={t('audit.action')} suggestions={ACTIONS} />
        <FormField form={form} name="object" label={t('audit.objectId')} />
        <FormField
          form={form}
          name="outcome"
          label={t('audit.outcome')}
          options={[['', t('audit.any')], ...OUTCOMES.map((each) => [each, t(`audit.is.${each}`)] as const)]}
        />
        <FormField form={form} {...time('from')} label={t('audit.from')} type="datetime-local" />
        <FormField form={form} {...time('before')} label={t('audit.before')} type="datetime-local" />
        {mayInstallation ? (
          <FormField
            form={form}
            name="of"
            label={t('audit.of')}
            options={[
              ['', t('audit.ofWorkgroup')],
              ['installation', t('audit.ofInstallation')],
            ]}
          />
        ) : null}
        <span className="row-actions">
          <Button type="submit" appearance="primary" disabled={form.busy}>
            {t('audit.show')}
          </Button>
          {isFiltered ? <Button onClick={() => void navigate({ search: {} })}>{t('audit.clear')}</Button> : null}
        </span>
      </form>
    </details>
  );
};

/** Whoever may have acted: people, service accounts, oneself, and whom the address names. */
const usePeople = (chosen: string | undefined): readonly (readonly [id: string, name: string])[] => {
  const { t } = useTranslation();
  const me = useQuery(meQuery).data;
  const people = useQuery(peopleQuery).data?.items ?? [];
  const tokens = useQuery(tokensQuery).data?.items ?? [];
  const known = new Map<string, string>([
    ...(me === undefined ? [] : [[me.id, me.name] as const]),
    ...people.map(({ agentId, name }) => [agentId, plain(name)] as const),
    ...tokens.flatMap(({ tokenId, agentId, name }) =>
      agentId === null ? [[tokenId, t('audit.serviceOf', { name: plain(name) })] as const] : [],
    ),
  ]);
  if (chosen !== undefined && !known.has(chosen)) known.set(chosen, plain(chosen));
  return [...known];
};
