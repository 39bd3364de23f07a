import { Inject, Injectable } from '@nestjs/common';
import { Bundle, Endpoint, EstimateBody, Part, type Estimate, type EstimateRange } from '@pstream/api';
import { sameAddress, SIZES_AT_ONCE, VIEWS, type ExportProjectView, type MailboxSizesReply } from '@pstream/contracts';
import { chunksOf, type Clock } from '@pstream/kernel';
import { ask, type LogClient } from '@pstream/transport';
import { CLOCK, COMMANDS } from '@pstream/wiring';
import type { z } from 'zod';
import { problem } from '../door/problem.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';
import { StoredFolders, StoredStatistics, type StoredMailbox } from '../read/stored.js';
import { Views } from '../read/views.js';
import { fetchPrices, PricesUnavailable } from './online-prices.js';
import { amountOf, builtInPrices, rowsAsPrices, type Meter, type PriceList, type Wanted } from './prices.js';
import { NOTHING, plus, quantitiesOf, ratioOf, type Quantities, type Range, type Sample } from './quantities.js';

const GIB = 1024 ** 3;
const DEFAULT_SERVICE = 'https://prices.azure.com';
const ENDS = ['low', 'expected', 'high'] as const;
/** Limits of Microsoft 365 on one mailbox: so many items at a time, and so many requests in ten minutes. */
const ITEMS_PER_CALL = 20;
const CALLS_PER_SECOND = 10_000 / 600;

/** What is on record of a mailbox, as far as an estimate goes by it. */
export type Facts = {
  readonly mailbox: Pick<StoredMailbox, 'mailboxJobId' | 'source'>;
  readonly listed: { readonly items: number; readonly bytes: number };
  readonly samples: readonly Sample[];
  readonly written: readonly number[];
  readonly expected: number | null;
  readonly pace: { readonly bytes: number; readonly ms: number };
};
/** What the read models have of a mailbox. */
export type OnRecord = {
  readonly mailbox: StoredMailbox;
  readonly statistics: z.infer<typeof StoredStatistics> | undefined;
  readonly folders: z.infer<typeof StoredFolders> | undefined;
  readonly parts: readonly Part[];
};

/** What an estimate goes by of it. */
export const factsOf = ({ mailbox, statistics, folders, parts }: OnRecord): Facts => {
  const published = parts.filter(({ state }) => state === 'sealed' || state === 'verified' || state === 'removed');
  const byPass = Map.groupBy(published, ({ passId }) => passId);
  const passes = Object.entries(statistics?.passes ?? {});
  const inFolders = Object.values(folders?.folders ?? {}).filter(({ left }) => left === null);
  return {
    // Not the whole document: the facts of all mailboxes are held at once.
    mailbox: { mailboxJobId: mailbox.mailboxJobId, source: mailbox.source },
    listed: passes.reduce(
      (sum, [, { listed = { items: 0, bytes: 0 } }]) => ({ items: sum.items + listed.items, bytes: sum.bytes + listed.bytes }),
      { items: 0, bytes: 0 },
    ),
    samples: passes.flatMap(([passId, { listed, completed }]) =>
      completed === true ? [{ listedBytes: listed?.bytes ?? 0, parts: (byPass.get(passId) ?? []).map(({ bytes }) => bytes) }] : [],
    ),
    written: published.filter(({ state }) => state !== 'removed').map(({ bytes }) => bytes),
    expected: inFolders.length === 0 ? null : inFolders.reduce((sum, { expected }) => sum + expected, 0),
    pace: { bytes: statistics?.source.bytes ?? 0, ms: statistics?.source.activeMs ?? 0 },
  };
};

type Sized = {
  readonly facts: Facts;
  readonly size: { readonly bytes: number; readonly items: number; readonly from: 'usage-report' | 'folder-counts' } | null;
};

/** Estimates what the export of a project will write and cost. */
@Injectable()
export class Estimates {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
  ) {}

  /** By what is on record alone: nobody outside is asked, so sizes are those that passes have counted. For the report of the project, which has read
   *  its mailboxes anyway. */
  async ofRecord(project: ExportProjectView, facts: readonly Facts[]): Promise<Omit<Estimate, 'mailboxes'>> {
    const { mailboxes: _mailboxes, ...estimate } = await this.#estimate(project, facts, EstimateBody.parse({}), null);
    return estimate;
  }

  /** Problems 'project.unknown' (404), 'project.is-discovery', 'prices.unavailable' (409). */
  async make(projectId: string, body: EstimateBody): Promise<Estimate> {
    const project = await this.views.exporting(projectId);
    const facts = await this.#facts(projectId);
    return this.#estimate(project, facts, body, project.type === 'mailbox' ? await this.#report(project, facts) : null);
  }

  async #estimate(
    project: ExportProjectView,
    facts: readonly Facts[],
    body: EstimateBody,
    report: MailboxSizesReply | null,
  ): Promise<Estimate> {
    const destination = await this.views.get(VIEWS.endpoints, Endpoint, project.destinationEndpointId);
    const region = destination?.settings['region'] ?? null;
    const sized = sizesOf(facts, report);
    const ratio = ratioOf(facts.flatMap(({ samples }) => samples));
    const known = sized.flatMap(({ size }) => (size === null ? [] : [size]));
    const sums = Object.fromEntries(
      ENDS.map((end) => [end, known.map(({ bytes }) => quantitiesOf(bytes, ratio[end], project.partBytes)).reduce(plus, NOTHING)]),
    ) as Record<keyof Range, Quantities>;
    const sum = (name: keyof Quantities): EstimateRange | null =>
      known.length === 0 ? null : rangeOf((end) => Math.round(sums[end][name]));
    const prices = region === null ? null : await this.#prices(body, region);
    const lines = prices === null ? [] : linesOf(sum, prices, { region: region ?? '', ...body });
    const [once, monthly] = [added(lines.map((line) => line.once)), added(lines.map((line) => line.monthly))];
    const unknown = sized.length - known.length;
    const written = facts.flatMap((one) => one.written);
    return {
      projectId: project.projectId,
      at: this.clock.now(),
      region,
      tier: body.tier,
      redundancy: body.redundancy,
      currency: body.currency,
      months: body.months,
      sizes: {
        asOf: report?.is === 'read' ? report.asOf : null,
        concealed: report?.is === 'read' && report.concealed,
        problem: problemOf(project, report),
        known: known.length,
        unknown,
      },
      ratio: { low: ratio.low, expected: ratio.expected, high: ratio.high, from: ratio.from, passes: ratio.sample?.passes ?? 0 },
      mailboxBytes: known.length === 0 ? null : known.reduce((all, { bytes }) => all + bytes, 0),
      pstBytes: sum('pstBytes'),
      parts: sum('parts'),
      operations: { writes: sum('writes'), reads: sum('reads'), other: sum('other') },
      written: { pstBytes: written.reduce((all, bytes) => all + bytes, 0), parts: written.length },
      licences: await this.#licences(project, facts),
      duration: durationOf(facts, sized),
      prices: { from: prices?.from ?? 'none: the project writes to a folder', asOf: prices?.asOf ?? null },
      lines,
      once,
      monthly,
      total: once === null || monthly === null ? (once ?? monthly) : rangeOf((end) => round(once[end] + body.months * monthly[end])),
      complete: unknown === 0 && lines.every((line) => line.unknown === null),
      notes: notesOf(project, body, region, report !== null),
      mailboxes: sized.map(({ facts: { mailbox, written: own }, size }) => ({
        mailboxJobId: mailbox.mailboxJobId,
        source: mailbox.source,
        mailboxBytes: size?.bytes ?? null,
        items: size?.items ?? null,
        from: size?.from ?? null,
        pstBytes: size === null ? null : rangeOf((end) => quantitiesOf(size.bytes, ratio[end], project.partBytes).pstBytes),
        writtenBytes: own.reduce((all, bytes) => all + bytes, 0),
        writtenParts: own.length,
      })),
    };
  }

  async #facts(projectId: string): Promise<Facts[]> {
    const parts = await this.views.all(VIEWS.parts, Part, { projectId }, 'name');
    const byMailbox = Map.groupBy(parts, ({ mailboxJobId }) => mailboxJobId);
    const facts: Facts[] = [];
    for await (const mailbox of this.views.mailboxesOf(projectId)) {
      const { mailboxJobId } = mailbox;
      const [statistics, folders] = await Promise.all([
        this.views.get(VIEWS.statistics, StoredStatistics, mailboxJobId),
        this.views.get(VIEWS.folders, StoredFolders, mailboxJobId),
      ]);
      facts.push(factsOf({ mailbox, statistics, folders, parts: byMailbox.get(mailboxJobId) ?? [] }));
    }
    return facts;
  }

  /** The usage report of all mailboxes of a project; asked for so many at a time that an answer stays small. */
  async #report({ sourceEndpointId: endpointId }: ExportProjectView, facts: readonly Facts[]): Promise<MailboxSizesReply> {
    let all: MailboxSizesReply = { is: 'read', asOf: null, concealed: false, sizes: [] };
    for (const some of chunksOf(facts, SIZES_AT_ONCE)) {
      const users = some.map(({ mailbox }) => mailbox.source);
      const reply: MailboxSizesReply = await ask(this.commands, 'credentials', 'MailboxSizes', { endpointId, users });
      if (reply.is === 'refused') return reply;
      all = { ...reply, sizes: [...all.sizes, ...reply.sizes] };
    }
    return all;
  }

  async #prices({ prices, currency }: EstimateBody, region: string): Promise<PriceList> {
    if (prices === 'built-in') return builtInPrices;
    if (prices !== 'online') return rowsAsPrices(prices.rows, 'the rows that were given');
    try {
      return rowsAsPrices(await fetchPrices(this.options.pricesUrl ?? DEFAULT_SERVICE, region, currency), 'Azure retail prices');
    } catch (error) {
      if (error instanceof PricesUnavailable) throw problem('prices.unavailable', 409, { because: error.message });
      throw error;
    }
  }

  async #licences({ customerId }: ExportProjectView, facts: readonly Facts[]): Promise<Estimate['licences']> {
    const now = this.clock.now();
    const bundles = await this.views.all(VIEWS.bundles, Bundle, { customerId }, 'user');
    const valid = new Set(bundles.filter(({ expiresAt }) => expiresAt > now).map(({ user }) => sameAddress(user)));
    const users = new Set(facts.map(({ mailbox }) => sameAddress(mailbox.source)));
    const covered = [...users].filter((user) => valid.has(user)).length;
    const { enforced } = await ask(this.commands, 'licensing', 'LicenceTerms', {});
    return { users: users.size, covered, needed: enforced ? users.size - covered : 0 };
  }
}

/** By the usage report, else by what passes counted and the mean size of what they took: the mailbox's own, or the project's. */
const sizesOf = (facts: readonly Facts[], report: MailboxSizesReply | null): Sized[] => {
  const all = facts.reduce((sum, { listed }) => ({ items: sum.items + listed.items, bytes: sum.bytes + listed.bytes }), {
    items: 0,
    bytes: 0,
  });
  return facts.map((one, n) => {
    const reported = report?.is === 'read' ? report.sizes[n] : null;
    if (reported !== null && reported !== undefined) return { facts: one, size: { ...reported, from: 'usage-report' } };
    const { items, bytes } = one.listed.items > 0 ? one.listed : all;
    if (one.expected === null || items === 0) return { facts: one, size: null };
    return { facts: one, size: { items: one.expected, bytes: Math.round((one.expected * bytes) / items), from: 'folder-counts' } };
  });
};

const rangeOf = (at: (end: keyof Range) => number): EstimateRange => ({ low: at('low'), expected: at('expected'), high: at('high') });

/** Amounts with a hundredth of a cent. */
const round = (amount: number): number => Math.round(amount * 10_000) / 10_000;

/** The sum of those that are known; null where none is. */
const added = (ranges: readonly (EstimateRange | null)[]): EstimateRange | null => {
  const known = ranges.filter((range) => range !== null);
  return known.length === 0 ? null : rangeOf((end) => round(known.reduce((sum, range) => sum + range[end], 0)));
};

type LineOf = {
  readonly meter: Meter;
  readonly of: keyof Quantities;
  readonly unit: string;
  readonly per: number;
  readonly isMonthly: boolean;
  readonly from: string;
};
const LINES: readonly LineOf[] = [
  { meter: 'capacity', of: 'pstBytes', unit: 'GiB', per: GIB, isMonthly: true, from: 'bytes of the PSTs' },
  {
    meter: 'writes',
    of: 'writes',
    unit: 'operations',
    per: 1,
    isMonthly: false,
    from: 'blocks of the size that pstream writes, and their lists',
  },
  { meter: 'reads', of: 'reads', unit: 'operations', per: 1, isMonthly: false, from: 'the read-back of each PST' },
  { meter: 'other', of: 'other', unit: 'operations', per: 1, isMonthly: false, from: 'leases and looks at each PST' },
  { meter: 'tiering', of: 'parts', unit: 'operations', per: 1, isMonthly: false, from: 'one move of each PST to the cooler tier' },
];

const linesOf = (sum: (name: keyof Quantities) => EstimateRange | null, prices: PriceList, wanted: Wanted): Estimate['lines'] =>
  LINES.filter(({ meter }) => meter !== 'tiering' || wanted.tier !== 'hot').map(({ meter, of, unit, per, isMonthly, from }) => {
    const whole = sum(of);
    const quantity = whole === null ? null : rangeOf((end) => whole[end] / per);
    const price = prices.priceOf(meter, wanted);
    const amount = quantity === null || 'unknown' in price ? null : rangeOf((end) => round(amountOf(quantity[end], price.steps, end)));
    return {
      what: meter,
      quantity,
      unit,
      once: isMonthly ? null : amount,
      monthly: isMonthly ? amount : null,
      from: `${from}; price: ${prices.from}`,
      unknown: 'unknown' in price ? price.unknown : quantity === null ? 'no size of a mailbox is known' : null,
    };
  });

const durationOf = (facts: readonly Facts[], sized: readonly Sized[]): Estimate['duration'] => {
  const pace = facts.reduce((sum, one) => ({ bytes: sum.bytes + one.pace.bytes, ms: sum.ms + one.pace.ms }), { bytes: 0, ms: 0 });
  const isMeasured = pace.ms > 0 && pace.bytes > 0;
  const seconds = sized.flatMap(({ size }) => {
    if (size === null) return [];
    const byLimit = Math.ceil(size.items / ITEMS_PER_CALL) / CALLS_PER_SECOND;
    return [isMeasured ? Math.max(byLimit, (size.bytes / pace.bytes) * (pace.ms / 1_000)) : byLimit];
  });
  if (seconds.length === 0) return { shortestSeconds: null, longestSeconds: null, from: 'no size of a mailbox is known' };
  return {
    shortestSeconds: Math.ceil(Math.max(...seconds)),
    longestSeconds: isMeasured ? Math.ceil(seconds.reduce((sum, one) => sum + one, 0)) : null,
    from: isMeasured
      ? 'the pace at which passes of this project read, within the limits of Microsoft 365'
      : 'the limits of Microsoft 365 on requests alone; no pass has shown a pace yet',
  };
};

const problemOf = ({ type }: ExportProjectView, report: MailboxSizesReply | null): string | null => {
  if (type === 'archive') return 'The usage report has no sizes of archives. A Trial counts what is in them.';
  if (report?.is === 'refused') return `${report.cause.code}: ${report.cause.advice ?? 'The usage report cannot be read.'}`;
  if (report?.is === 'read' && report.concealed)
    return 'The tenant conceals names in its reports. Show them in the Microsoft 365 admin center under Settings, Org settings, Reports; or run a Trial, which counts what is in the mailboxes.';
  return null;
};

/** Days for which a blob in a tier is paid at least. */
const LEAST_DAYS = { hot: 0, cool: 30, cold: 90 } as const;

const notesOf = ({ options }: ExportProjectView, { tier, months }: EstimateBody, region: string | null, isReported: boolean): string[] => {
  const isLimited = Object.values(options).some((value) => value !== undefined);
  return [
    'Sizes are those of whole mailboxes of now; what arrives later is not in them.',
    ...(isLimited ? ['The options of the project may leave items out; they are in these numbers.'] : []),
    ...(isReported ? ['Archives and recoverable items are not in the usage report.'] : []),
    ...(region === null
      ? ['The project writes to a folder, so there are no prices.']
      : ['Working storage of pstream and later downloads are not in the costs.']),
    ...(LEAST_DAYS[tier] > months * 30 ? [`Blobs in the ${tier} tier are paid for ${String(LEAST_DAYS[tier])} days at least.`] : []),
  ];
};
