import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeLink } from '../help/code-link.js';
import { Empty } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import type { Row } from '../project/views.js';

const LOOKS = { pass: ['✓', 'good'], warn: ['!', 'warn'], fail: ['✕', 'bad'], skipped: ['○', 'quiet'] } as const;

/** What Verify Credentials found, step by step. */
export const Checks = ({ row }: { readonly row: Row }): ReactElement => {
  const { t } = useTranslation();
  if (row.checks.length === 0) return <Empty title={t('checks.none')} />;
  return (
    <ol className="checks">
      {row.checks.map(({ step, name, verdict, code, advice }) => (
        <li key={step}>
          <Chip sign={LOOKS[verdict][0]} tone={LOOKS[verdict][1]} word={t(`checks.${verdict}`)} /> {name}{' '}
          {code === null ? null : <CodeLink code={code} />}
          {advice === null ? null : <p className="quiet">{advice}</p>}
        </li>
      ))}
    </ol>
  );
};
