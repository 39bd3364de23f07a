import { useVirtualizer } from '@tanstack/react-virtual';
import { useNavigate } from '@tanstack/react-router';
import { memo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Name } from '../parts/basics.js';
import { TotalsBar } from '../parts/bar.js';
import { count, duration } from '../parts/format.js';
import { StatusChip } from '../parts/status.js';
import { isOpen, SORTS, type Filter, type Row, type Sort } from './views.js';

const ROW_PX = 40;
const OVERSCAN = 12;
const PAGE_ROWS = 10;

type TableProps = {
  readonly rows: readonly Row[];
  readonly filter: Filter;
  readonly onSort: (sort: Sort) => void;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (ids: readonly string[], on: boolean) => void;
};

/** The mailboxes of a project. Only rows on the screen exist; the table tells readers how many there are. Arrows, Home, End and the page keys go
 *  through the rows, Space selects one, Enter opens it. */
export const MailboxTable = ({ rows, filter, onSort, selected, onSelect }: TableProps): ReactElement => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const current = Math.min(active, Math.max(0, rows.length - 1));
  // The compiler of React would not keep its functions apart from renders; nothing here is compiled.
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const chosen = rows.reduce((sum, { mailboxJobId }) => sum + (selected.has(mailboxJobId) ? 1 : 0), 0);

  const goTo = (index: number): void => {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    setActive(target);
    virtual.scrollToIndex(target);
    // The row may not exist before the next frame.
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${target}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const row = rows[current];
    if (row === undefined || !(event.target instanceof HTMLElement) || event.target.dataset['row'] === undefined) return;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + PAGE_ROWS,
      PageUp: current - PAGE_ROWS,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) goTo(to);
    else if (event.key === ' ') onSelect([row.mailboxJobId], !selected.has(row.mailboxJobId));
    else if (event.key === 'Enter') void navigate({ to: '/mailboxes/$mailboxId', params: { mailboxId: row.mailboxJobId } });
    else return;
    event.preventDefault();
  };

  const items = virtual.getVirtualItems();
  // One row is reached by Tab: the one that was used last, or the first on the screen.
  const reachable = items.some(({ index }) => index === current) ? current : items[0]?.index;
  return (
    <div ref={scroller} className="grid-scroller" data-testid="mailboxes">
      <div
        role="grid"
        aria-label={t('table.label')}
        aria-rowcount={rows.length + 1}
        aria-multiselectable
        className="grid"
        onKeyDown={onKeyDown}
      >
        <div role="row" aria-rowindex={1} className="grid-row head">
          <span role="columnheader">
            <input
              type="checkbox"
              aria-label={t('table.selectShown', { count: rows.length, shown: count(rows.length) })}
              checked={rows.length > 0 && chosen === rows.length}
              ref={(box) => {
                if (box !== null) box.indeterminate = chosen > 0 && chosen < rows.length;
              }}
              onChange={({ target }) =>
                onSelect(
                  rows.map(({ mailboxJobId }) => mailboxJobId),
                  target.checked,
                )
              }
            />
          </span>
          {SORTS.map((sort) => (
            <span
              key={sort}
              role="columnheader"
              aria-sort={filter.sort !== sort ? 'none' : filter.descending ? 'descending' : 'ascending'}
              className={sort}
            >
              <button type="button" onClick={() => onSort(sort)}>
                {t(`column.${sort}`)}
                <span aria-hidden="true">{filter.sort !== sort ? '' : filter.descending ? ' ▼' : ' ▲'}</span>
              </button>
            </span>
          ))}
        </div>
        <div className="grid-body" style={{ height: virtual.getTotalSize() }} role="rowgroup">
          {items.map(({ index, start }) => {
            const row = rows[index];
            return row === undefined ? null : (
              <GridRow
                key={row.mailboxJobId}
                row={row}
                index={index}
                start={start}
                selected={selected.has(row.mailboxJobId)}
                reachable={index === reachable}
                onSelect={onSelect}
                onActive={setActive}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
};

type GridRowProps = {
  readonly row: Row;
  readonly index: number;
  readonly start: number;
  readonly selected: boolean;
  readonly reachable: boolean;
  readonly onSelect: TableProps['onSelect'];
  readonly onActive: (index: number) => void;
};

const GridRow = memo(({ row, index, start, selected, reachable, onSelect, onActive }: GridRowProps): ReactElement => {
  const { t } = useTranslation();
  const counting = row.listing === 'going-on' && isOpen(row);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={reachable ? 0 : -1}
      data-row={index}
      className="grid-row"
      style={{ transform: `translateY(${start}px)` }}
      onFocus={() => onActive(index)}
    >
      <span role="gridcell">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={t('table.select', { name: row.source })}
          checked={selected}
          onChange={({ target }) => onSelect([row.mailboxJobId], target.checked)}
        />
      </span>
      <span role="gridcell" className="source">
        <Link to="/mailboxes/$mailboxId" params={{ mailboxId: row.mailboxJobId }} tabIndex={-1}>
          <Name>{row.source}</Name>
        </Link>
      </span>
      <span role="gridcell" className="status">
        <StatusChip status={row.status} />
      </span>
      <span role="gridcell" className="discovered">
        {row.totals.discovered === 0 ? (
          <span className="quiet">{row.status === 'Completed' ? t('table.empty') : t('table.notCounted')}</span>
        ) : (
          <>
            <TotalsBar totals={row.totals} counting={counting} label={t('bar.labelOf', { name: row.source })} />
            <span>{count(row.totals.discovered)}</span>
          </>
        )}
      </span>
      <Amount row={row} of="exported" />
      <Amount row={row} of="skipped" />
      <Amount row={row} of="failed" />
      <span role="gridcell" className="waits">
        <Waiting row={row} />
      </span>
      <span role="gridcell" className="parts">
        {row.parts === 0 ? '–' : count(row.parts)}
      </span>
    </div>
  );
});

const Amount = ({ row, of }: { readonly row: Row; readonly of: 'exported' | 'skipped' | 'failed' }): ReactElement => {
  const value = row.totals[of];
  const shown = row.totals.discovered === 0 ? '–' : count(value);
  const linked = value > 0 && of !== 'exported';
  return (
    <span role="gridcell" className={value > 0 ? `${of} some` : of}>
      {linked ? (
        <Link to="/mailboxes/$mailboxId" params={{ mailboxId: row.mailboxJobId }} search={{ tab: 'errors' }} tabIndex={-1}>
          {shown}
        </Link>
      ) : (
        shown
      )}
    </span>
  );
};

/** What a mailbox waits for, and what it has waited in its last pass. */
const Waiting = ({ row }: { readonly row: Row }): ReactElement => {
  const { t } = useTranslation();
  if (row.held !== null)
    return <span title={row.held.advice ?? ''}>{t(`held.${row.held.kind}`, { code: row.held.limit ?? row.held.code })}</span>;
  if (row.place !== null) return <span>{t('table.place', { count: row.place - 1, ahead: count(row.place - 1) })}</span>;
  const waited = Object.values(row.waits).reduce((sum, { ms }) => sum + ms, 0);
  return <span className="quiet">{waited === 0 ? '' : t('table.waited', { time: duration(waited) })}</span>;
};
