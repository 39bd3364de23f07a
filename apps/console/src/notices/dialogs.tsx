import { MessageBar, MessageBarBody, MessageBarTitle, Spinner } from '@fluentui/react-components';
import { useState, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { CodeLink } from '../help/code-link.js';
import { Command } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { FormDialog, useForm } from '../parts/form.js';
import { plain } from '../parts/format.js';
import { Failure } from '../parts/states.js';
import type { Seen } from '../parts/tagged.js';
import { RemoveDialog } from '../setup/edit-dialogs.js';
import { readAgain, type Subscription, type Template } from './queries.js';

type Props = { readonly subscription: Subscription; readonly onClose: () => void };

type SeenProps = Props & { readonly seen: Seen };

/** Lets a subscription rest, so that it collects nothing, or has it go on. */
export const RestDialog = ({
  subscription: { subscriptionId, name, active },
  seen: { ifMatch, again },
  onClose,
}: SeenProps): ReactElement => {
  const { t } = useTranslation();
  const step = active ? 'rest' : 'goOn';
  const form = useForm({
    initial: {},
    required: [],
    send: async () => {
      await readAgain(await client.editSubscription({ params: { subscriptionId }, body: { active: !active }, ifMatch }));
      onClose();
    },
  });
  return (
    <FormDialog
      title={`${t(`notice.step.${step}`)}: ${plain(name)}`}
      form={form}
      submit={t(`notice.step.${step}`)}
      command={`pstream notice edit ${subscriptionId} --active ${active ? 'off' : 'on'}`}
      again={again}
      onClose={onClose}
    >
      <p>{t(`notice.${step}About`)}</p>
    </FormDialog>
  );
};

/** Removes a subscription and the address that it has sealed. */
export const RemoveSubscriptionDialog = ({
  subscription: { subscriptionId, name },
  seen: { ifMatch, again },
  onClose,
}: SeenProps): ReactElement => {
  const { t } = useTranslation();
  return (
    <RemoveDialog
      title={t('edit.removeOf', { name: plain(name) })}
      about={t('notice.removeAbout')}
      command={`pstream notice remove ${subscriptionId} --yes`}
      remove={async () => readAgain(await client.removeSubscription({ params: { subscriptionId }, ifMatch }))}
      again={again}
      onClose={onClose}
    />
  );
};

type Test =
  | { readonly is: 'asking' | 'sending' }
  | { readonly is: 'over'; readonly said: AnswerOf<'testSubscription'> }
  | { readonly is: 'failed'; readonly error: unknown };

/** Sends one notice now, and says what came of it. */
export const TestDialog = ({ subscription, onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  return (
    <TestFrame title={t('notice.testOf', { name: plain(subscription.name) })} subscription={subscription} onClose={onClose}>
      <p>{t(`notice.testAbout.${subscription.channel}`)}</p>
    </TestFrame>
  );
};

type TestProps = {
  readonly title: string;
  /** Whom it goes to; undefined where nobody can be chosen. */
  readonly subscription: Subscription | undefined;
  /** Shows how notices of this kind look. */
  readonly about?: Template['kind'];
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** The dialog around a test: what is sent, and what came of it. */
export const TestFrame = ({ title, subscription, about, onClose, children }: TestProps): ReactElement => {
  const { t } = useTranslation();
  const [test, setTest] = useState<Test>({ is: 'asking' });
  const id = subscription?.subscriptionId;
  const go = async (): Promise<void> => {
    if (id === undefined) return;
    setTest({ is: 'sending' });
    try {
      setTest({ is: 'over', said: await client.testSubscription({ params: { subscriptionId: id }, query: { about } }) });
    } catch (error) {
      setTest({ is: 'failed', error });
    }
    await queries.invalidateQueries({ queryKey: ['notices'] });
  };
  return (
    <ActionFrame
      title={title}
      asks={test.is !== 'sending'}
      isOver={test.is === 'over'}
      action={t(test.is === 'asking' ? 'notice.send' : 'notice.sendAgain')}
      disabled={id === undefined}
      go={go}
      onClose={onClose}
    >
      {children}
      {test.is === 'sending' ? <Spinner label={t('notice.sending')} /> : null}
      {test.is === 'failed' ? <Failure error={test.error} /> : null}
      {test.is === 'over' ? <Outcome said={test.said} /> : null}
      {id === undefined ? null : <Command command={`pstream notice test ${id}${about === undefined ? '' : ` --about ${about}`}`} />}
    </ActionFrame>
  );
};

const Outcome = ({ said: { outcome, code, advice } }: { readonly said: AnswerOf<'testSubscription'> }): ReactElement => {
  const { t } = useTranslation();
  if (outcome === 'sent')
    return (
      <MessageBar intent="success" layout="multiline" role="status">
        <MessageBarBody>{t('notice.testSent')}</MessageBarBody>
      </MessageBar>
    );
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{t('notice.testFailed')}</MessageBarTitle>
        {advice ?? ''} {code === null ? null : <CodeLink code={code} />}
      </MessageBarBody>
    </MessageBar>
  );
};
