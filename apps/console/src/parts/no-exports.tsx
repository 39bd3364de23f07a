import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery } from '../api/queries.js';
import { PageHead } from './basics.js';

/** Whether whoever is signed in sees no exports at all, as Finance; not before that is known. */
export const useSeesNoExports = (): boolean => useQuery(meQuery).data?.rights.includes('exports.view') === false;

/** A page about exports, for a role that sees none: why, and whom to ask. */
export const NoExports = ({ title }: { readonly title: string }): ReactElement => {
  const { t } = useTranslation();
  const { data } = useQuery(meQuery);
  return (
    <>
      <PageHead title={title} />
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>{data === undefined ? '' : t('state.noExports', { role: t(`role.${data.role}`) })}</MessageBarBody>
      </MessageBar>
    </>
  );
};
