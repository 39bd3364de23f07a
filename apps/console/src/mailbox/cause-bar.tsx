import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeLink } from '../help/code-link.js';
import type { Row } from '../project/views.js';

/** Why the last pass of a mailbox failed, and what to do; nothing if it did not. */
export const CauseBar = ({ cause }: Pick<Row, 'cause'>): ReactElement | null => {
  const { t } = useTranslation();
  if (cause === null) return null;
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>
          <CodeLink code={cause.code} />
        </MessageBarTitle>
        {cause.advice ?? t('mailbox.noAdvice')}
      </MessageBarBody>
    </MessageBar>
  );
};
