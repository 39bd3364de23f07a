import { Inject, Injectable } from '@nestjs/common';
import type { DeadLetter, DeadLetterDetail, DeadLetterQuery } from '@pstream/api';
import { isControlTopic, isOurTopic } from '@pstream/contracts';
import { isFault, type Clock, type Ids } from '@pstream/kernel';
import { DeadLetterIndex, type KeptLetter, type Transport } from '@pstream/transport';
import {
  CLOCK,
  errorFacts,
  FAILED,
  HEALTH,
  IDS,
  inRounds,
  LOG,
  Resident,
  TRANSPORT,
  type Failed,
  type Log,
  type ProcessHealth,
} from '@pstream/wiring';
import { problem } from '../door/problem.js';
import type { PageOf } from '../read/views.js';

/** How often topics are looked for that have had no letters before. */
const LOOK_EVERY_MS = 30_000;
/** How much of a record is shown. */
const PREVIEW_BYTES = 256;

/** The dead letters of the whole system, for operators. */
@Injectable()
export class DeadLetterDesk extends Resident {
  readonly #index: DeadLetterIndex;

  constructor(
    @Inject(TRANSPORT) transport: Transport,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(IDS) ids: Ids,
    @Inject(LOG) private readonly log: Log,
    @Inject(FAILED) failed: Failed,
    @Inject(HEALTH) private readonly health: ProcessHealth,
  ) {
    super();
    this.#index = new DeadLetterIndex({ transport, clock, group: `gateway.dead-letters.${ids.ulid()}`, reads: isOurTopic, failed });
  }

  protected override start(): void {
    const { clock, log, stopping: signal } = this;
    this.health.counts('openDeadLetters', () => this.open);
    this.closes(this.#index);
    const failed = (error: unknown): void => log.write('warn', 'dead-letters.unread', errorFacts(error));
    this.awaits(inRounds({ clock, everyMs: LOOK_EVERY_MS, signal, failed }, () => this.#index.cover()));
  }

  /** Open letters by topic, as far as they have been read. */
  get open(): Readonly<Record<string, number>> {
    return this.#index.open;
  }

  /** A page of letters, newest first. Problem 'request.bad-cursor' (400). */
  async list({ topic, state, limit, cursor }: DeadLetterQuery): Promise<PageOf<DeadLetter>> {
    const letters = (await this.#index.all())
      .filter((letter) => (topic === undefined || letter.topic === topic) && (state === 'all' || letter.state === state))
      .map((letter) => ({ letter, place: placeOf(letter) }))
      .sort((a, b) => (a.place > b.place ? -1 : 1));
    const from = cursor === undefined ? 0 : letters.filter(({ place }) => place >= placeIn(cursor)).length;
    const items = letters.slice(from, from + limit);
    const last = items.at(-1);
    const next = last === undefined || from + limit >= letters.length ? null : Buffer.from(last.place).toString('base64url');
    return { items: items.map(({ letter }) => shown(letter)), total: letters.length, limit, next };
  }

  /** Problem 'dead-letter.unknown' (404). */
  async show(id: string): Promise<DeadLetterDetail> {
    const letter = await this.#need(id);
    // Everything else may hold mail.
    if (!letter.whole || !isControlTopic(letter.topic)) return { ...shown(letter), preview: null };
    const { value } = await this.#index.recordOf(letter).catch(notWhole);
    return { ...shown(letter), preview: previewOf(value) };
  }

  /** Problems 'dead-letter.unknown' (404), 'dead-letter.not-whole', 'dead-letter.dropped', 'dead-letter.topic-gone' (409). */
  async replay(id: string, by: string): Promise<DeadLetter> {
    const letter = await this.#need(id);
    if (letter.state === 'dropped') throw problem('dead-letter.dropped', 409);
    return this.#settled(letter, await this.#index.replay(letter, by).catch(notWhole), by);
  }

  /** Problem 'dead-letter.unknown' (404). */
  async drop(id: string, by: string): Promise<DeadLetter> {
    const letter = await this.#need(id);
    return this.#settled(letter, await this.#index.drop(letter, by), by);
  }

  #settled(before: KeptLetter, { state, ...letter }: KeptLetter, by: string): DeadLetter {
    const { id, topic, partition, offset, code } = letter;
    if (before.state !== state) this.log.write('info', `dead-letter.${state}`, { id, topic, partition, offset, code, by });
    return shown({ ...letter, state });
  }

  async #need(id: string): Promise<KeptLetter> {
    const letter = await this.#index.find(id);
    if (letter === undefined) throw problem('dead-letter.unknown', 404);
    return letter;
  }
}

const shown = ({ facts, settled, ...letter }: KeptLetter): DeadLetter => ({ ...letter, facts: { ...facts }, settled });

/** Sorts letters by age, and those of one moment in any fixed order. */
const placeOf = ({ at, id }: KeptLetter): string => `${at ?? ''} ${id}`;

const placeIn = (cursor: string): string => {
  const place = Buffer.from(cursor, 'base64url').toString();
  if (!/^\S* \S+$/.test(place)) throw problem('request.bad-cursor', 400);
  return place;
};

const notWhole = (error: unknown): never => {
  if (isFault(error) && error.code === 'dead-letters.not-whole') throw problem('dead-letter.not-whole', 409);
  if (isFault(error) && error.code === 'transport.topic-unknown') throw problem('dead-letter.topic-gone', 409);
  throw error;
};

const previewOf = (value: Uint8Array): { readonly hex: string; readonly text: string } => {
  const first = Buffer.from(value.subarray(0, PREVIEW_BYTES));
  return { hex: first.toString('hex'), text: first.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.') };
};
