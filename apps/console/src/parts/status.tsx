import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Row } from '../project/views.js';
import { STATUS_LOOKS, type Tone } from './statuses.js';

/** The status of a mailbox: a sign, its word and a colour. */
export const StatusChip = ({ status }: { readonly status: Row['status'] }): ReactElement => {
  const { t } = useTranslation();
  const [sign, tone] = STATUS_LOOKS[status];
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
