import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery } from '../api/queries.js';
import { PageHead } from './basics.js';
import type { Right } from './rights.js';

/** Whether whoever is signed in lacks a right; not before that is known. */
export const useLacks = (right: Right): boolean => useQuery(meQuery).data?.rights.includes(right) === false;

type Props = { readonly title: string; readonly why: 'noRight' | 'noExports' };

const Refused = ({ title, why }: Props): ReactElement => {
  const { t } = useTranslation();
  const { data } = useQuery(meQuery);
  return (
    <>
      <PageHead title={title} />
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>{data === undefined ? '' : t(`state.${why}`, { role: t(`role.${data.role}`) })}</MessageBarBody>
      </MessageBar>
    </>
  );
};

/** A page that a role does not see: that it is so, and whom to ask. */
export const NoRight = ({ title }: { readonly title: string }): ReactElement => <Refused title={title} why="noRight" />;

/** A page about exports, for a role that sees none, as Finance. */
export const NoExports = ({ title }: { readonly title: string }): ReactElement => <Refused title={title} why="noExports" />;
