import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { meQuery } from '../api/queries.js';
import { here } from '../browser.js';
import { CliButton, Copyable, Name, PageHead, Section } from '../parts/basics.js';
import { moment } from '../parts/format.js';
import { Failure, Read } from '../parts/states.js';
import { OneTimeDialog } from './one-time-dialog.js';
import { RolesTable } from './roles.js';
import { Tokens } from './tokens.js';

type Link = { readonly path: string; readonly expiresAt: string };

/** Who is signed in, how long, and the API tokens. */
export const AccountPage = (): ReactElement => {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  const [link, setLink] = useState<Link | { readonly error: unknown } | undefined>();
  const make = async (): Promise<void> => setLink(await client.createSignInCode().catch((error: unknown) => ({ error })));
  return (
    <>
      <PageHead title={t('people.account')}>
        <Button size="small" onClick={() => void make()}>
          {t('people.otherBrowser')}
        </Button>
        <CliButton command="pstream session show" />
      </PageHead>
      {link !== undefined && 'error' in link ? <Failure error={link.error} /> : null}
      <Section id="you" title={t('people.yourself')}>
        <Read query={me} lines={2}>
          {({ id, name, role, signedInBy, expiresAt }) => (
            <>
              <dl className="facts">
                <div>
                  <dt>{t('people.name')}</dt>
                  <dd>
                    <Name>{name}</Name>
                  </dd>
                </div>
                <div>
                  <dt>{t('people.role')}</dt>
                  <dd>{t(`role.${role}`)}</dd>
                </div>
                <div>
                  <dt>{t(`people.by.${signedInBy}`)}</dt>
                  <dd>{expiresAt === null ? t('people.never') : moment(expiresAt)}</dd>
                </div>
                <div>
                  <dt>{t('people.recordedAs')}</dt>
                  <dd>
                    <Copyable text={id} label={t('people.recordedAs')} />
                  </dd>
                </div>
              </dl>
              <RolesTable />
            </>
          )}
        </Read>
      </Section>
      <Tokens />
      {link === undefined || 'error' in link ? null : (
        <OneTimeDialog
          title={t('people.otherBrowser')}
          label={t('people.address')}
          secret={`${here()}${link.path}`}
          onClose={() => setLink(undefined)}
        >
          <p>{t('people.otherAbout', { until: moment(link.expiresAt) })}</p>
        </OneTimeDialog>
      )}
    </>
  );
};
