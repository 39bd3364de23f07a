// How far a project is: its sums, when it should finish, what holds it back, and its last hour.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { throughputQuery } from '../api/queries.js';
import { every } from '../browser.js';
import { isCounting, TotalsBar, TotalsText } from '../parts/bar.js';
import { Link, Section, useNowMs } from '../parts/basics.js';
import { count, size, timeOfDay } from '../parts/format.js';
import { Read } from '../parts/states.js';
import { STATUSES } from '../parts/statuses.js';
import { LastHour } from './charts.js';
import { bottleneckOf, estimateOf, lastHour, type Slot } from './estimate.js';
import { isOpen, type Row } from './views.js';

type Sums = AnswerOf<'getProject'>['sums'];

export const Progress = ({
  projectId,
  sums,
  rows,
}: {
  readonly projectId: string;
  readonly sums: Sums;
  readonly rows: readonly Row[];
}): ReactElement => {
  const { t } = useTranslation();
  const { totals, statuses, extracted } = sums;
  const counting = isCounting(sums);
  const slots = useSlots(projectId);
  const running = rows.filter(isOpen).length;
  const estimate = estimateOf({
    slots,
    toDo: totals.discovered - totals.exported - totals.skipped - totals.failed,
    running,
    counting,
    nowMs: useNowMs(10_000),
  });
  const neck = bottleneckOf(rows);
  return (
    <section className="card progress" aria-label={t('progress.label')}>
      <TotalsBar totals={totals} counting={counting} />
      <TotalsText totals={totals} counting={counting} />
      <Announced totals={totals} />
      <dl className="facts">
        <div>
          <dt>{t('progress.finish')}</dt>
          <dd>
            {estimate.is === 'band'
              ? t('progress.band', { early: timeOfDay(estimate.earlyMs), late: timeOfDay(estimate.lateMs) })
              : t(`progress.none.${estimate.why}`)}
          </dd>
        </div>
        <div>
          <dt>{t('progress.bottleneck')}</dt>
          <dd>{t(`bottleneck.${neck.at}`, { count: neck.mailboxes, running: count(neck.running) })}</dd>
        </div>
        <div>
          <dt>{t('progress.read')}</dt>
          <dd>{t('progress.readOf', { items: count(extracted.items), size: size(extracted.bytes) })}</dd>
        </div>
        <div>
          <dt>{t('progress.statuses')}</dt>
          <dd className="statuses">
            {STATUSES.filter((status) => (statuses[status] ?? 0) > 0).map((status) => (
              <Link key={status} to="/projects/$projectId" params={{ projectId }} search={{ status }}>
                {`${t(`status.${status}`)} ${count(statuses[status] ?? 0)}`}
              </Link>
            ))}
          </dd>
        </div>
      </dl>
    </section>
  );
};

const ANNOUNCE_EVERY_MS = 15_000;

/** Tells readers of screens how far it is, now and then and politely. */
const Announced = ({ totals: { discovered, exported, skipped, failed } }: { readonly totals: Sums['totals'] }): ReactElement => {
  const { t } = useTranslation();
  const text = t('bar.of', { done: count(exported + skipped + failed), all: count(discovered) });
  const latest = useRef(text);
  const [said, setSaid] = useState('');
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => every(ANNOUNCE_EVERY_MS, () => setSaid(latest.current)), []);
  return (
    <p className="unseen" aria-live="polite">
      {said}
    </p>
  );
};

const useSlots = (projectId: string): readonly Slot[] => {
  const { data } = useQuery(throughputQuery(projectId));
  const minute = Math.floor(useNowMs(10_000) / 60_000);
  return useMemo(() => lastHour(data?.minutes ?? [], minute * 60_000), [data, minute]);
};

export const Throughput = ({ projectId }: { readonly projectId: string }): ReactElement => {
  const { t } = useTranslation();
  const query = useQuery(throughputQuery(projectId));
  const slots = useSlots(projectId);
  return (
    <Section id="last-hour" title={t('hour.title')} command={`pstream project throughput ${projectId}`}>
      <Read query={query}>{() => <LastHour slots={slots} />}</Read>
    </Section>
  );
};
