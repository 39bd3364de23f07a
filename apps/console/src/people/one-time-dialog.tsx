import { Button } from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../parts/basics.js';
import { DialogFrame, OpenDialog } from '../parts/dialog-frame.js';

type Props = {
  readonly title: string;
  /** What it is, for the button that copies it. */
  readonly label: string;
  readonly secret: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** Shows what no answer shows again: an address that signs in, or the value of a token. */
export const OneTimeDialog = ({ title, label, secret, onClose, children }: Props): ReactElement => {
  const { t } = useTranslation();
  return (
    <OpenDialog onClose={onClose}>
      <DialogFrame
        title={title}
        buttons={
          <Button appearance="primary" onClick={onClose}>
            {t('close')}
          </Button>
        }
      >
        {children}
        <p className="command">
          <code className="secret">{secret}</code>
          <CopyButton text={secret} label={label} />
        </p>
        <p className="quiet">{t('people.once')}</p>
      </DialogFrame>
    </OpenDialog>
  );
};
