import { MessageBar, MessageBarBody, Tab, TabList } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { Copyable, Link, Name } from '../parts/basics.js';
import { moment, size } from '../parts/format.js';
import { Read } from '../parts/states.js';
import { Text } from '../parts/text.js';
import { attachmentAddress, pageAddress, partMessageQuery, type Place } from './queries.js';

type Shown = AnswerOf<'getPartMessage'>;
type Back = { readonly folder: string | undefined; readonly q: string | undefined };
type MessageProps = { readonly place: Place; readonly messageId: string; readonly back: Back };

/** Recipients that are shown before the rest is asked for. */
const FEW = 5;

/** One message: who, when, what, and its attachments. */
export const Message = ({ place, messageId, back }: MessageProps): ReactElement => {
  const message = useQuery(partMessageQuery(place, messageId));
  return <Read query={message}>{(shown) => <Letter shown={shown} place={place} messageId={messageId} back={back} />}</Read>;
};

const Letter = ({ shown, place, messageId, back }: MessageProps & { readonly shown: Shown }): ReactElement => {
  const { t } = useTranslation();
  const { subject, from, at, recipients, text, hasHtml, cut } = shown;
  const heading = useRef<HTMLHeadingElement>(null);
  // On a narrow screen the message stands below the list.
  useEffect(() => heading.current?.focus(), []);
  const forms = [...(hasHtml ? (['html'] as const) : []), ...(text !== null || !hasHtml ? (['text'] as const) : [])];
  const [form, setForm] = useState(forms[0]);
  const params = { mailboxId: place.mailboxJobId, partId: place.partId };
  return (
    <>
      <p className="back">
        <Link to="/mailboxes/$mailboxId/parts/$partId" params={params} search={back}>
          {t('viewer.back')}
        </Link>
      </p>
      <h2 ref={heading} tabIndex={-1}>
        {subject === null || subject === '' ? t('viewer.noSubject') : <Name>{subject}</Name>}
      </h2>
      <dl className="people">
        <dt>{t('viewer.from')}</dt>
        <dd>{from === null || from === '' ? t('viewer.noSender') : <Name>{from}</Name>}</dd>
        <Recipients recipients={recipients} />
        <dt>{t('viewer.date')}</dt>
        <dd>{at === null ? t('viewer.noDate') : moment(at)}</dd>
        <dt>{t('viewer.id')}</dt>
        <dd>
          <Copyable text={messageId} label={t('viewer.id')} />
        </dd>
      </dl>
      <Attachments shown={shown} place={place} messageId={messageId} back={back} />
      {cut ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('viewer.cut')}</MessageBarBody>
        </MessageBar>
      ) : null}
      {forms.length < 2 ? null : (
        <TabList selectedValue={form} aria-label={t('viewer.forms')} onTabSelect={(_event, { value }) => setForm(value as typeof form)}>
          <Tab value="html">{t('viewer.html')}</Tab>
          <Tab value="text">{t('viewer.text')}</Tab>
        </TabList>
      )}
      {form === 'html' ? (
        <>
          <iframe title={t('viewer.htmlOf')} sandbox="" src={pageAddress(place, messageId)} referrerPolicy="no-referrer" className="html" />
          <p className="quiet">{t('viewer.safe')}</p>
        </>
      ) : (
        <Text>{text === null || text === '' ? t('viewer.noText') : text}</Text>
      )}
    </>
  );
};

const Recipients = ({ recipients }: { readonly recipients: Shown['recipients'] }): ReactElement => {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  return (
    <>
      {(['to', 'cc', 'bcc'] as const).map((kind) => {
        const those = recipients.filter((each) => each.kind === kind);
        if (those.length === 0) return null;
        return (
          <div key={kind} className="kind">
            <dt>{t(`viewer.${kind}`)}</dt>
            <dd>
              {those.slice(0, all ? undefined : FEW).map(({ name, address }, at) => (
                // Nothing tells two recipients apart but their place.
                <span key={at} className="person">
                  <Name>{name ?? address ?? ''}</Name>
                  {address === null || address === name ? null : (
                    <span className="quiet">
                      {' '}
                      &lt;<Name>{address}</Name>&gt;
                    </span>
                  )}
                </span>
              ))}
              {those.length <= FEW || all ? null : (
                <button type="button" className="link" onClick={() => setAll(true)}>
                  {t('viewer.moreRecipients', { count: those.length - FEW })}
                </button>
              )}
            </dd>
          </div>
        );
      })}
    </>
  );
};

const Attachments = ({ shown: { attachments }, place, messageId, back }: MessageProps & { readonly shown: Shown }): ReactElement | null => {
  const { t } = useTranslation();
  if (attachments.length === 0) return null;
  return (
    <section aria-label={t('viewer.attachments')}>
      <ul className="plain files">
        {attachments.map(({ attachmentId, name, bytes, isMessage }) => (
          <li key={attachmentId}>
            {isMessage ? (
              <Link
                to="/mailboxes/$mailboxId/parts/$partId"
                params={{ mailboxId: place.mailboxJobId, partId: place.partId }}
                search={{ ...back, message: `${messageId}.${attachmentId}` }}
              >
                <Name>{name ?? t('viewer.unnamedMessage')}</Name>
              </Link>
            ) : (
              <>
                <a href={attachmentAddress(place, messageId, attachmentId)} download>
                  <Name>{name ?? t('viewer.unnamed')}</Name>
                </a>{' '}
                <span className="quiet">{size(bytes)}</span>
              </>
            )}
          </li>
        ))}
      </ul>
      <p className="quiet">{t('viewer.unchecked')}</p>
    </section>
  );
};
