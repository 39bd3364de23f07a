import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, Skeleton, SkeletonItem } from '@fluentui/react-components';
import { ApiError } from '@pstream/api/client';
import { useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { clock } from '../browser.js';
import { connection } from '../api/live.js';
import { duration, moment } from './format.js';
import { CodeLink } from '../help/code-link.js';
import { useNowMs } from './basics.js';
import { useStore } from './store.js';

const SHOW_SKELETON_AFTER_MS = 700;
const STALE_AFTER_MS = 15_000;

/** Lines where text will be; nothing for the first moment, so that what is quick does not flicker. */
export const Loading = ({ lines = 4 }: { readonly lines?: number }): ReactElement | null => {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const gone = new AbortController();
    clock.sleep(SHOW_SKELETON_AFTER_MS, gone.signal).then(
      () => setShown(true),
      () => undefined,
    );
    return () => gone.abort(new Error('gone'));
  }, []);
  if (!shown) return null;
  return (
    <Skeleton aria-label={t('state.loading')} className="loading">
      {Array.from({ length: lines }, (_none, line) => (
        <SkeletonItem key={line} />
      ))}
    </Skeleton>
  );
};

/** What went wrong in the words of the gateway, with its code and when that was. */
export const Failure = ({ error, again }: { readonly error: unknown; readonly again?: () => void }): ReactElement => {
  const { t } = useTranslation();
  const problem = error instanceof ApiError ? error.problem : undefined;
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{problem?.title ?? t('state.unreachable')}</MessageBarTitle>
        {problem?.detail ?? t('state.unreachableDetail')} {problem === undefined ? null : <CodeLink code={problem.code} />}
        {problem?.errors?.map((fault) => (
          <div key={`${fault.row ?? 0} ${fault.column} ${fault.code}`}>{`${fault.column}: ${fault.message}`}</div>
        ))}
      </MessageBarBody>
      {again === undefined ? null : (
        <MessageBarActions>
          <Button onClick={again}>{t('state.again')}</Button>
        </MessageBarActions>
      )}
    </MessageBar>
  );
};

/** What is read, as far as showing it needs: of a query of one thing, or of one that brings more and more. */
type Reading<T> = { readonly isError: boolean; readonly error: unknown; readonly data: T | undefined; readonly refetch: () => unknown };

/** Shows what a query read. Until it has, that it loads; if it failed, why, above what was read before. */
export const Read = <T,>({
  query,
  children,
  lines,
}: {
  readonly query: Reading<T>;
  readonly children: (data: T) => ReactNode;
  readonly lines?: number;
}): ReactElement => {
  const again = (): void => void query.refetch();
  return (
    <>
      {query.isError ? <Failure error={query.error} again={again} /> : null}
      {query.data === undefined ? query.isError ? null : <Loading {...(lines === undefined ? {} : { lines })} /> : children(query.data)}
    </>
  );
};

/** Says that the numbers are old, once they are. */
export const StaleBar = ({ updatedAtMs }: { readonly updatedAtMs: number }): ReactElement | null => {
  const { t } = useTranslation();
  const link = useStore(connection);
  const nowMs = useNowMs(1_000);
  if (updatedAtMs === 0 || link.is !== 'lost') return null;
  // Until the connection dropped, every change was shown, however long ago the last one was read.
  const age = nowMs - Math.max(updatedAtMs, link.sinceMs);
  if (age < STALE_AFTER_MS) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t('state.stale', { age: duration(age) })}</MessageBarTitle>
        {t('state.staleDetail', { since: moment(new Date(link.sinceMs).toISOString()) })}
      </MessageBarBody>
    </MessageBar>
  );
};

/** That there is nothing, and what to do about it. */
export const Empty = ({ title, children }: { readonly title: string; readonly children?: ReactNode }): ReactElement => (
  <div className="empty">
    <p>
      <strong>{title}</strong>
    </p>
    {children}
  </div>
);
