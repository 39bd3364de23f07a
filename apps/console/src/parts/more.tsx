import { Button } from '@fluentui/react-components';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { count } from './format.js';

type Growing = { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; readonly fetchNextPage: () => Promise<unknown> };
type Props = { readonly list: Growing; readonly shown: number; readonly total: number };

/** Under a list that begins with the newest: reads on, as long as there is more. */
export const More = ({ list, shown, total }: Props): ReactElement | null => {
  const { t } = useTranslation();
  if (!list.hasNextPage) return null;
  return (
    <p className="row-actions">
      <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {t('more.older')}
      </Button>
      <span className="quiet">{t('more.shown', { shown: count(shown), total: count(total) })}</span>
    </p>
  );
};
