import { Button } from '@fluentui/react-components';
import { Fragment, useEffect, useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { readTagged, type Tagged, type VersionedId } from '../api/client.js';
import type { AnswerOf, ArgsOf } from '../api/answers.js';
import { DialogFrame, OpenDialog } from './dialog-frame.js';
import { Failure } from './states.js';

/** The version that a form shows, for the change to be refused if there is another one by then; and how to look at that. */
export type Seen = { readonly ifMatch: string; readonly again: () => void };

type Props<Id extends VersionedId> = {
  readonly id: Id;
  readonly args: ArgsOf<Id>;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: (data: AnswerOf<Id>, seen: Seen) => ReactElement;
};
type State<T> = { readonly read: number; readonly of?: Tagged<T>; readonly error?: unknown };

/** Reads what is to be edited just before it is, so that nobody's change is lost: what the form shows and the version that it is sent with belong
 *  together. */
export const ReadToEdit = <Id extends VersionedId>({ id, args, title, onClose, children }: Props<Id>): ReactElement | null => {
  const { t } = useTranslation();
  const [{ read, of, error }, setState] = useState<State<AnswerOf<Id>>>({ read: 0 });
  const again = (): void => {
    readTagged(id, args).then(
      (tagged) => setState((before) => ({ read: before.read + 1, of: tagged })),
      (failed: unknown) => setState((before) => ({ read: before.read, error: failed })),
    );
  };
  // It is read once for each dialog; what it is about does not change while it is open.
  useEffect(again, []);
  if (of !== undefined) return <Fragment key={read}>{children(of.data, { ifMatch: of.etag, again })}</Fragment>;
  if (error === undefined) return null;
  return (
    <OpenDialog onClose={onClose}>
      <DialogFrame title={title} buttons={<Button onClick={onClose}>{t('close')}</Button>}>
        <Failure error={error} again={again} />
      </DialogFrame>
    </OpenDialog>
  );
};
