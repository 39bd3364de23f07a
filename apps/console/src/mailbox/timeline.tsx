import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { Name } from '../parts/basics.js';
import { moment } from '../parts/format.js';
import { Empty } from '../parts/states.js';
import type { Row } from '../project/views.js';

type Part = AnswerOf<'listMailboxParts'>['items'][number];

/** What happened and when: the open or last pass, its waits, and the PSTs of every pass; newest first. */
export const Timeline = ({ row, parts }: { readonly row: Row; readonly parts: readonly Part[] }): ReactElement => {
  const { t } = useTranslation();
  const { pass, held } = row;
  const kind = pass === null ? '' : t(`pass.${pass.kind}`);
  const happened = [
    ...(pass === null ? [] : [{ at: pass.startedAt, text: t('timeline.started', { kind, number: pass.number }) }]),
    ...(pass?.endedAt === null || pass === null ? [] : [{ at: pass.endedAt, text: t('timeline.ended', { kind, number: pass.number }) }]),
    ...(row.progressAt === null ? [] : [{ at: row.progressAt, text: t('timeline.progress') }]),
    ...(held === null ? [] : [{ at: held.since, text: t(`held.${held.kind}`, { code: held.limit ?? held.code }) }]),
    ...parts.flatMap(({ name, sealedAt, verifiedAt }) => [
      ...(sealedAt === null ? [] : [{ at: sealedAt, text: t('timeline.sealed', { name }) }]),
      ...(verifiedAt === null ? [] : [{ at: verifiedAt, text: t('timeline.verified', { name }) }]),
    ]),
  ].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  if (happened.length === 0) return <Empty title={t('timeline.none')} />;
  return (
    <ol className="timeline">
      {happened.map(({ at, text }) => (
        <li key={`${at} ${text}`}>
          <time dateTime={at}>{moment(at)}</time>
          <Name>{text}</Name>
        </li>
      ))}
    </ol>
  );
};
