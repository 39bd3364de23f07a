import { Button, ProgressBar } from '@fluentui/react-components';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState, type KeyboardEvent, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Name } from '../parts/basics.js';
import { count, moment } from '../parts/format.js';
import { Empty, Failure, Loading } from '../parts/states.js';
import { partMessagesQuery, type Looked, type Place } from './queries.js';

/** Hits after which a search waits to be asked for more. */
const ENOUGH = 50;

/** Moves the focus along the list, as in a mail program. */
const alongList = (event: KeyboardEvent<HTMLUListElement>): void => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.findIndex((link) => link === document.activeElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
};

/** The messages of a folder, or what a search has found so far: it goes on by itself, shows how far it is and can be stopped. */
export const Messages = ({
  place,
  looked,
  message,
}: {
  readonly place: Place;
  readonly looked: Looked;
  readonly message: string | undefined;
}): ReactElement => {
  const { t } = useTranslation();
  const { data, error, isError, isFetching, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(partMessagesQuery(place, looked));
  const [wanted, setWanted] = useState(ENOUGH);
  const [stopped, setStopped] = useState(false);
  const found = data?.pages.flatMap(({ items }) => items) ?? [];
  const last = data?.pages.at(-1);
  const isSearch = looked.subject !== undefined;
  const goesOn = isSearch && hasNextPage && !stopped && !isError && found.length < wanted;
  useEffect(() => {
    if (goesOn && !isFetching) void fetchNextPage();
  }, [goesOn, isFetching, fetchNextPage]);
  if (data === undefined) return isError ? <Failure error={error} again={() => void refetch()} /> : <Loading lines={8} />;
  const { scanned, total } = last ?? { scanned: 0, total: 0 };
  return (
    <>
      {isError ? <Failure error={error} again={() => void fetchNextPage()} /> : null}
      {isSearch ? (
        <div className="searching">
          <p role="status">
            {t('viewer.searched', { count: found.length, found: count(found.length), scanned: count(scanned), total: count(total) })}
          </p>
          {goesOn ? (
            <>
              <ProgressBar value={total === 0 ? 0 : scanned / total} aria-label={t('viewer.searching')} />
              <Button size="small" onClick={() => setStopped(true)}>
                {t('viewer.stop')}
              </Button>
            </>
          ) : null}
        </div>
      ) : null}
      {found.length === 0 ? (
        goesOn ? null : (
          <Empty title={isSearch ? t('viewer.noHit') : t('viewer.emptyFolder')} />
        )
      ) : (
        <ul className="plain messages" onKeyDown={alongList}>
          {found.map(({ messageId, folderId, subject, from, at, hasAttachments }) => (
            <li key={messageId}>
              <Link
                to="/mailboxes/$mailboxId/parts/$partId"
                params={{ mailboxId: place.mailboxJobId, partId: place.partId }}
                search={{ folder: isSearch ? looked.folder : folderId, q: looked.subject, message: messageId }}
                aria-current={message === messageId || message?.startsWith(`${messageId}.`) === true ? 'true' : undefined}
                className="row"
              >
                <span className="from">{from === null || from === '' ? t('viewer.noSender') : <Name>{from}</Name>}</span>
                <span className="subject">{subject === null || subject === '' ? t('viewer.noSubject') : <Name>{subject}</Name>}</span>
                <span className="quiet">
                  {[...(at === null ? [] : [moment(at)]), ...(hasAttachments ? [t('viewer.hasAttachments')] : [])].join(' · ')}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && !goesOn ? (
        <Button
          disabled={isFetching}
          onClick={() => {
            setStopped(false);
            setWanted(found.length + ENOUGH);
            if (!isSearch) void fetchNextPage();
          }}
        >
          {isSearch ? t('viewer.goOn') : t('viewer.more', { left: count(total - scanned) })}
        </Button>
      ) : null}
    </>
  );
};
