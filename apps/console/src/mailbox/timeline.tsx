import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { Name } from '../parts/basics.js';
import { count, moment } from '../parts/format.js';
import { Empty } from '../parts/states.js';
import type { Row } from '../project/views.js';

type Part = AnswerOf<'listMailboxParts'>['items'][number];
type Pass = AnswerOf<'listMailboxPasses'>['items'][number];

type TimelineProps = { readonly row: Row; readonly parts: readonly Part[]; readonly passes: readonly Pass[] };

/** What happened and when: every pass with its runs and sums, the wait of the open one, and the PSTs of all; newest first. */
export const Timeline = ({ row, parts, passes }: TimelineProps): ReactElement => {
  const { t } = useTranslation();
  const { held } = row;
  const happened = [
    ...passes.flatMap(({ number, kind: of, runs, completed, replaced, exported, skipped, failed }) => {
      const kind = t(`pass.${of}`);
      const sums = { exported: count(exported), skipped: count(skipped), failed: count(failed) };
      return runs.flatMap(({ from, to }, run) => {
        const isLast = run === runs.length - 1;
        const ended = completed && isLast ? (of === 'verify' ? 'ended' : replaced ? 'replaced' : 'endedWith') : 'stopped';
        return [
          { at: from, text: t(run === 0 ? 'timeline.started' : 'timeline.resumed', { kind, number }) },
          ...(to === null ? [] : [{ at: to, text: t(`timeline.${ended}`, { kind, number, ...sums }) }]),
        ];
      });
    }),
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
