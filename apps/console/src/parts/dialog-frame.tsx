import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A dialog that is there until it is closed, by a button or by Escape. */
export const OpenDialog = ({ onClose, children }: { readonly onClose: () => void; readonly children: ReactNode }): ReactElement => (
  <Dialog open onOpenChange={(_event, { open }) => (open ? undefined : onClose())}>
    <DialogSurface>{children}</DialogSurface>
  </Dialog>
);

/** What is in a dialog: its title, its text and fields, and its buttons. */
export const DialogFrame = ({
  title,
  buttons,
  children,
}: {
  readonly title: string;
  readonly buttons: ReactNode;
  readonly children: ReactNode;
}): ReactElement => (
  <DialogBody>
    <DialogTitle>{title}</DialogTitle>
    <DialogContent className="fields">{children}</DialogContent>
    <DialogActions>{buttons}</DialogActions>
  </DialogBody>
);

/** A dialog about one thing to be done. While it `asks`, it can be confirmed or cancelled; then it shows what comes of it, and can be closed. */
export const ActionFrame = ({
  title,
  asks,
  isOver = !asks,
  action,
  disabled = false,
  go,
  onClose,
  children,
}: {
  readonly title: string;
  readonly asks: boolean;
  /** Something has been done, so that there is nothing left to cancel. */
  readonly isOver?: boolean;
  /** What the button says that confirms it. */
  readonly action: string;
  readonly disabled?: boolean;
  readonly go: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactElement => {
  const { t } = useTranslation();
  const buttons = (
    <>
      <Button onClick={onClose}>{isOver ? t('close') : t('cancel')}</Button>
      {asks ? (
        <Button appearance="primary" disabled={disabled} onClick={() => void go()}>
          {action}
        </Button>
      ) : null}
    </>
  );
  return (
    <OpenDialog onClose={onClose}>
      <DialogFrame title={title} buttons={buttons}>
        {children}
      </DialogFrame>
    </OpenDialog>
  );
};
