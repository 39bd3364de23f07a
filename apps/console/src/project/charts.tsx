import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { count, duration, size, timeOfDay } from '../parts/format.js';
import type { Slot } from './estimate.js';

const [WIDTH, HEIGHT, GAP] = [300, 56, 1];

type ChartProps = { readonly slots: readonly Slot[]; readonly of: (slot: Slot) => number; readonly tone: string; readonly label: string };

/** A bar for each minute of an hour; a minute without anything is a gap. Its numbers are in the table below it. */
const Bars = ({ slots, of, tone, label }: ChartProps): ReactElement => {
  const most = Math.max(1, ...slots.map(of));
  const width = WIDTH / slots.length;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label} className={`chart ${tone}`}>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {slots.map((slot, at) => {
        const height = (of(slot) / most) * (HEIGHT - 2);
        return <rect key={slot.startMs} x={at * width} y={HEIGHT - height} width={Math.max(1, width - GAP)} height={height} />;
      })}
    </svg>
  );
};

/** What came in during the last hour, and how long limits of the tenant held it up, as charts and as numbers. */
export const LastHour = ({ slots }: { readonly slots: readonly Slot[] }): ReactElement => {
  const { t } = useTranslation();
  const first = slots.findIndex(({ items, waitedMs }) => items > 0 || waitedMs > 0);
  const items = slots.reduce((sum, slot) => sum + slot.items, 0);
  const waited = slots.reduce((sum, slot) => sum + slot.waitedMs, 0);
  const recent = slots.slice(-5);
  const rate = recent.reduce((sum, slot) => sum + slot.items, 0) / recent.length;
  const bytes = recent.reduce((sum, slot) => sum + slot.bytes, 0) / (recent.length * 60);
  return (
    <>
      <div className="charts">
        <div>
          <p>
            <strong>{t('hour.rate', { items: count(Math.round(rate)), bytes: size(bytes) })}</strong>
          </p>
          <Bars slots={slots} of={(slot) => slot.items} tone="rate" label={t('hour.itemsChart', { items: count(items) })} />
        </div>
        <div>
          <p>
            <strong>{waited === 0 ? t('hour.notThrottled') : t('hour.throttled', { time: duration(waited) })}</strong>
          </p>
          <Bars slots={slots} of={(slot) => slot.waitedMs} tone="waits" label={t('hour.waitsChart', { time: duration(waited) })} />
        </div>
      </div>
      <p className="axis" aria-hidden="true">
        <span>{timeOfDay(slots[0]?.startMs ?? 0)}</span>
        <span>{t('hour.now')}</span>
      </p>
      <details>
        <summary>{t('hour.table')}</summary>
        {first === -1 ? (
          <p>{t('hour.nothing')}</p>
        ) : (
          <div className="scrolls" tabIndex={0} role="region" aria-label={t('hour.table')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('hour.minute')}</th>
                  <th scope="col">{t('hour.items')}</th>
                  <th scope="col">{t('hour.bytes')}</th>
                  <th scope="col">{t('hour.waited')}</th>
                </tr>
              </thead>
              <tbody>
                {slots.slice(first).map((slot) => (
                  <tr key={slot.startMs}>
                    <td>{timeOfDay(slot.startMs)}</td>
                    <td>{count(slot.items)}</td>
                    <td>{size(slot.bytes)}</td>
                    <td>{duration(slot.waitedMs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </details>
    </>
  );
};
