import { Button } from '@fluentui/react-components';
import { useMemo, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../parts/basics.js';
import { groupBy } from '../parts/group-by.js';
import { Chip } from '../parts/status.js';
import { reasonAgainst, type Action } from './actions.js';
import { codeOf, needsAttention, type Row } from './views.js';

type Group = { readonly code: string; readonly rows: readonly Row[]; readonly advice: string | undefined };

/** Mailboxes that somebody should look at, by what is the matter; the most frequent first. */
const groupsOf = (rows: readonly Row[]): readonly Group[] => {
  return [...groupBy(rows.filter(needsAttention), codeOf)]
    .map(([code, members]) => ({ code, rows: members, advice: adviceOf(members[0]) }))
    .sort((a, b) => b.rows.length - a.rows.length);
};

const adviceOf = (row: Row | undefined): string | undefined =>
  row?.cause?.advice ??
  row?.held?.advice ??
  row?.checks.find(({ verdict }) => verdict === 'warn' || verdict === 'fail')?.advice ??
  undefined;

/** The one thing that helps most, if a click can do it. */
const remedyOf = (rows: readonly Row[]): Action | undefined =>
  (['retry-errors', 'resume'] as const).find((action) => rows.some((row) => reasonAgainst(action, row) === undefined)) ??
  (rows.some(({ status }) => status === 'Verification failed') ? 'verify' : undefined);

/** What needs a person, with what to do about it. */
export const Attention = ({
  rows,
  onShow,
  onAct,
}: {
  readonly rows: readonly Row[];
  readonly onShow: (code: string) => void;
  readonly onAct?: (action: Action, rows: readonly Row[]) => void;
}): ReactElement => {
  const { t } = useTranslation();
  const groups = useMemo(() => groupsOf(rows), [rows]);
  const all = groups.reduce((sum, group) => sum + group.rows.length, 0);
  return (
    <Section id="attention" title={t('attention.title', { count: all })}>
      {groups.length === 0 ? (
        <p className="quiet">{t('attention.none')}</p>
      ) : (
        <ul className="attention">
          {groups.slice(0, 5).map(({ code, rows: members, advice }) => {
            const remedy = remedyOf(members);
            const tone = members.some(({ status }) => status === 'Failed' || status === 'Verification failed') ? 'bad' : 'warn';
            return (
              <li key={code}>
                <div>
                  <Chip sign={tone === 'bad' ? '✕' : '!'} tone={tone} word={t('attention.mailboxes', { count: members.length })} />{' '}
                  {code === 'items' ? t('attention.items') : code === 'folders' ? t('attention.folders') : <code>{code}</code>}
                  {advice === undefined ? null : <p className="quiet">{advice}</p>}
                </div>
                <div className="row-actions">
                  <Button size="small" aria-label={t('attention.showOf', { code })} onClick={() => onShow(code)}>
                    {t('attention.show')}
                  </Button>
                  {remedy === undefined || onAct === undefined ? null : (
                    <Button size="small" appearance="primary" onClick={() => onAct(remedy, members)}>
                      {t(`action.${remedy}`)}
                    </Button>
                  )}
                </div>
              </li>
            );
          })}
        </ul>
      )}
      {groups.length > 5 ? <p className="quiet">{t('attention.more', { count: groups.length - 5 })}</p> : null}
    </Section>
  );
};
