import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { count, percent } from './format.js';

export type Totals = { readonly discovered: number; readonly exported: number; readonly skipped: number; readonly failed: number };

/** Whether folders are still being listed, so that the whole is not known yet. What never got that far is not going on. */
export const isCounting = ({
  listing,
  statuses,
}: {
  readonly listing: string;
  readonly statuses: Readonly<Record<string, number>>;
}): boolean => listing === 'going-on' && ['Queued', 'Migrating', 'Stopping'].some((status) => (statuses[status] ?? 0) > 0);

const share = (part: number, whole: number): string => `${whole === 0 ? 0 : (100 * part) / whole}%`;

/** What became of the items, as a bar. While folders are still being listed there is no percentage: the whole is not known. */
export const TotalsBar = ({
  totals,
  counting,
  label,
}: {
  readonly totals: Totals;
  readonly counting: boolean;
  readonly label?: string;
}): ReactElement => {
  const { t } = useTranslation();
  const { discovered, exported, skipped, failed } = totals;
  const accounted = exported + skipped + failed;
  const text = counting ? t('bar.counting', { found: count(discovered) }) : t('bar.of', { done: count(accounted), all: count(discovered) });
  return (
    <span
      className={counting ? 'bar counting' : 'bar'}
      role="progressbar"
      aria-label={label ?? t('bar.label')}
      aria-valuetext={text}
      {...(counting ? {} : { 'aria-valuemin': 0, 'aria-valuemax': Math.max(1, discovered), 'aria-valuenow': accounted })}
    >
      {Object.entries({ exported, skipped, failed }).map(([part, items]) =>
        items === 0 ? null : <span key={part} className={part} style={{ width: share(items, discovered) }} />,
      )}
    </span>
  );
};

/** The sum that must add up, in words: exported + skipped + failed of discovered, and what is still to be accounted for. */
export const TotalsText = ({ totals, counting }: { readonly totals: Totals; readonly counting: boolean }): ReactElement => {
  const { t } = useTranslation();
  const { discovered, exported, skipped, failed } = totals;
  const accounted = exported + skipped + failed;
  return (
    <p className="sum">
      <strong>
        {counting ? t('bar.counting', { found: count(discovered) }) : t('bar.of', { done: count(accounted), all: count(discovered) })}
      </strong>
      {counting || discovered === 0 ? null : <span>{percent(accounted / discovered)}</span>}
      <span className="parts">
        {t('bar.sum', { exported: count(exported), skipped: count(skipped), failed: count(failed), accounted: count(accounted) })}
        {accounted < discovered ? ` · ${t('bar.left', { left: count(discovered - accounted) })}` : ''}
      </span>
    </p>
  );
};
