import { Button, Field, Input } from '@fluentui/react-components';
import { ACCOUNT_SIGN_IN_PATH } from '@pstream/api/client';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries, versionQuery } from '../api/queries.js';
import { sessionOpened } from '../api/session.js';
import { Command } from '../parts/basics.js';
import { Failure } from '../parts/states.js';

const IN_ADDRESS = /#code=([\w-]+)$/;

/** Exchanges a one-time code for a session. Throws what the client does. */
export const signIn = async (code: string): Promise<void> => {
  await client.createSession({ body: { code } });
  await queries.resetQueries();
  sessionOpened();
};

/** Says how to sign in, and takes a code that was copied instead of opened. `again`: a session that was open has ended, and its page waits. */
export const SignIn = ({ failure, again }: { readonly failure?: unknown; readonly again?: boolean }): ReactElement => {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [error, setError] = useState(failure);
  const [busy, setBusy] = useState(false);
  const version = useQuery(versionQuery);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(IN_ADDRESS.exec(text.trim())?.[1] ?? text.trim());
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="sign-in card">
      <h1>{again === true ? t('signIn.again') : t('signIn.title')}</h1>
      {error === undefined ? null : <Failure error={error} />}
      {again === true ? <p>{t('signIn.ended')}</p> : null}
      {version.data?.signInWith.includes('account') === true ? (
        <Button as="a" appearance="primary" href={ACCOUNT_SIGN_IN_PATH}>
          {t('signIn.account')}
        </Button>
      ) : null}
      {again === true ? null : <p>{t('signIn.how')}</p>}
      <p>{t('signIn.command')}</p>
      <Command command="pstream session link" />
      <p className="quiet">{t('signIn.lost')}</p>
      <Command command="pstream admin sign-in" />
      <form onSubmit={(event) => void submit(event)}>
        <Field label={t('signIn.code')}>
          <Input value={text} autoComplete="off" spellCheck={false} onChange={(_event, { value }) => setText(value)} />
        </Field>
        <Button type="submit" appearance="primary" disabled={busy || text.trim() === ''}>
          {t('signIn.go')}
        </Button>
      </form>
    </main>
  );
};
