import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Row } from '../project/views.js';

type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet';

/** Sign and colour of each status; the word is always there too. */
const LOOKS: Readonly<Record<Row['status'], readonly [sign: string, tone: Tone]>> = {
  'Not Submitted': ['○', 'quiet'],
  Verifying: ['⟳', 'busy'],
  Verified: ['✓', 'quiet'],
  'Verification failed': ['✕', 'bad'],
  Submitted: ['◷', 'quiet'],
  Queued: ['◷', 'quiet'],
  Migrating: ['⟳', 'busy'],
  Stopping: ['◼', 'busy'],
  Stopped: ['◼', 'quiet'],
  Completed: ['✓', 'good'],
  'Completed with errors': ['!', 'warn'],
  Failed: ['✕', 'bad'],
};

/** The status of a mailbox: a sign, its word and a colour. */
export const StatusChip = ({ status }: { readonly status: Row['status'] }): ReactElement => {
  const { t } = useTranslation();
  const [sign, tone] = LOOKS[status];
  return <Chip sign={sign} tone={tone} word={t(`status.${status}`)} />;
};

/** A sign, a word and a colour. */
export const Chip = ({ sign, tone, word }: { readonly sign: string; readonly tone: Tone; readonly word: string }): ReactElement => (
  <span className={`chip ${tone}`}>
    <span aria-hidden="true" className="sign">
      {sign}
    </span>
    {word}
  </span>
);
