import type { ReportHead } from '@pstream/api';
import type { PassKind } from '@pstream/contracts';
import { markup, table, type Markup } from './markup.js';
import { count, outcomeText, PASSES, size, time } from './words.js';

/** A PST as it was sealed: what it added to the export, and by which kind of pass. */
export type Sealed = { readonly at: string; readonly kind: PassKind | null; readonly items: number; readonly bytes: number };

type Kind = keyof typeof PASSES;
/** Kinds in the order in which they are stacked. */
const KINDS: readonly Kind[] = ['trial', 'pre-stage', 'full', 'retry-errors'];
type Amounts = Readonly<Partial<Record<Kind, { readonly items: number; readonly bytes: number }>>>;
/** The export up to a time. */
type Step = { readonly at: string; readonly by: Amounts };

/** Bars of a plot; fewer would hide a night, more would not be told apart on paper. */
const MOST_STEPS = 24;
const WIDTH = 720;
const HEIGHT = 140;

/** How the export has grown, at equal distances from the first PST to the last. */
export const stepsOf = (sealed: readonly Sealed[]): readonly Step[] => {
  const known = sealed.filter((one): one is Sealed & { readonly kind: Kind } => one.kind !== null && one.kind in PASSES);
  const times = known.map(({ at }) => Date.parse(at));
  if (times.length === 0) return [];
  const from = times.reduce((a, b) => Math.min(a, b));
  const until = times.reduce((a, b) => Math.max(a, b));
  const steps = until === from ? 1 : MOST_STEPS;
  return Array.from({ length: steps }, (_none, step) => {
    const at = steps === 1 ? until : from + ((until - from) * step) / (steps - 1);
    const by: Partial<Record<Kind, { items: number; bytes: number }>> = {};
    known.forEach(({ kind, items, bytes }, n) => {
      if (times[n]! > at) return;
      const sum = (by[kind] ??= { items: 0, bytes: 0 });
      sum.items += items;
      sum.bytes += bytes;
    });
    return { at: new Date(at).toISOString(), by };
  });
};

const totalOf = (by: Amounts, what: 'items' | 'bytes'): number => Object.values(by).reduce((sum, each) => sum + each[what], 0);

/** What the export had grown to at each time, a bar stacked by kind of pass; the same numbers stand in a table below. */
const plot = (steps: readonly Step[], what: 'items' | 'bytes', title: string): Markup => {
  const most = Math.max(1, ...steps.map(({ by }) => totalOf(by, what)));
  const wide = WIDTH / steps.length;
  const bars = steps.flatMap(({ by }, at) => {
    let below = 0;
    return KINDS.flatMap((kind) => {
      const value = by[kind]?.[what] ?? 0;
      if (value === 0) return [];
      const high = (value / most) * HEIGHT;
      below += high;
      const place = { x: (at * wide).toFixed(1), y: (HEIGHT - below).toFixed(1), width: Math.max(1, wide - 2).toFixed(1) };
      return [markup`<rect class="k-${kind}" x="${place.x}" y="${place.y}" width="${place.width}" height="${high.toFixed(1)}"/>`];
    });
  });
  const shown = what === 'items' ? count : size;
  return markup`<figure><figcaption>${title}: ${shown(totalOf(steps.at(-1)?.by ?? {}, what))}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}; the table below has the numbers" preserveAspectRatio="none">${bars}</svg>
<p class="axis"><span>${time(steps[0]?.at)}</span><span>${time(steps.at(-1)?.at)}</span></p></figure>
`;
};

/** Items and bytes over time by kind of pass. Nothing where no PST is known with its time and pass. */
export const growth = (steps: readonly Step[]): Markup => {
  if (steps.length === 0) return markup``;
  const kinds = KINDS.filter((kind) => steps.at(-1)?.by[kind] !== undefined);
  const key = kinds.map(
    (kind) =>
      markup`<span class="key"><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="k-${kind}" width="10" height="10"/></svg> ${PASSES[kind]}</span> `,
  );
  return markup`<h2>How the export has grown</h2>
<p class="soft">Counted when a PST is sealed, from the first to the last. ${key}</p>
<div class="plots">${plot(steps, 'items', 'Items in PSTs')}${plot(steps, 'bytes', 'Size of the PSTs')}</div>
<details><summary>The same as a table</summary>
${table(
  'Items and bytes in PSTs over time',
  [
    { title: 'Until', of: ({ at }) => time(at) },
    ...kinds.flatMap((kind) => [
      { title: `${PASSES[kind]}: items`, of: ({ by }: Step) => count(by[kind]?.items ?? 0), number: true as const },
      { title: 'size', of: ({ by }: Step) => size(by[kind]?.bytes ?? 0), number: true as const },
    ]),
  ],
  steps,
)}</details>
`;
};

/** Causes in a plot; the table below has all. */
const MOST_CAUSES = 8;

/** The most frequent causes as bars. */
export const causeBars = (causes: ReportHead['causes']): Markup => {
  const shown = causes.slice(0, MOST_CAUSES);
  const most = Math.max(1, ...shown.map(({ items }) => items));
  return markup`<ul class="bars" aria-label="The most frequent causes">${shown.map(
    (cause) =>
      markup`<li><code>${cause.code}</code> <span class="soft">${outcomeText(cause)}</span><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="o-${cause.outcome}" width="${Math.max(0.5, (cause.items / most) * 100).toFixed(1)}" height="4"/></svg><span class="n">${count(cause.items)}</span></li>`,
  )}</ul>
`;
};
