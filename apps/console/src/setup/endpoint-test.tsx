import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { CodeLink } from '../help/code-link.js';
import { Failure } from '../parts/states.js';
import { Chip } from '../parts/status.js';

/** How the test of an endpoint went, or why it could not be made. */
export type Outcome = AnswerOf<'testEndpoint'> | { readonly error: unknown };

const LOOKS = { pass: ['✓', 'good'], warn: ['!', 'warn'], fail: ['✕', 'bad'], skipped: ['○', 'quiet'] } as const;

/** Every step of a test, with what was found and what to do. */
export const TestOutcome = ({ outcome }: { readonly outcome: Outcome }): ReactElement => {
  const { t } = useTranslation();
  if ('error' in outcome) return <Failure error={outcome.error} />;
  return (
    <div role="status">
      <p>
        <strong>{t(`setup.verdict.${outcome.verdict}`)}</strong>
      </p>
      <ol className="checks">
        {outcome.steps.map(({ step, name, verdict, code, found, advice }) => (
          <li key={step}>
            <Chip sign={LOOKS[verdict][0]} tone={LOOKS[verdict][1]} word={t(`checks.${verdict}`)} /> {name}{' '}
            {code === null ? null : <CodeLink code={code} />}
            {found === null ? null : <p className="quiet">{found}</p>}
            {advice === null ? null : <p>{advice}</p>}
          </li>
        ))}
      </ol>
    </div>
  );
};
