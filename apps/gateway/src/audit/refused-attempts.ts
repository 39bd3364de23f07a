import { Inject, Injectable } from '@nestjs/common';
import { INSTALLATION_CHAIN, type AuditEntry } from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, inRounds, LOG, Resident, type Log } from '@pstream/wiring';
import { sessionOf } from '../door/cookies.js';
import type { HttpRequest } from '../door/http.js';
import { originOf } from './origin.js';
import { personOf, Trail } from './trail.js';

type Refused = Extract<AuditEntry, { is: 'refused' }>;
type Window = { readonly entry: Refused; readonly openedMs: number; count: number; since: string };

/** How long attempts of one kind are counted together after the first, which is on record at once. */
const WINDOW_MS = 10 * 60_000;
const LOOK_EVERY_MS = 15_000;
/** Kinds of a chain with a count of their own; what comes beside them is counted together. */
const MOST_KINDS = 50;
const OTHERS = 'others';

/** Puts what was refused before it was begun on record: wrong tokens, missing rights, things of other workgroups. However many attempts anybody makes, there are at most
 *  two records for each kind in ten minutes. Each chain has kinds of its own, so that strangers use up none of a workgroup. What was counted since the last record is lost if the process dies. */
@Injectable()
export class RefusedAttempts extends Resident {
  readonly #windows = new Map<string, Map<string, Window>>();

  constructor(
    @Inject(Trail) private readonly trail: Trail,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    super();
  }

  protected override start(): void {
    this.closes({ close: () => this.#close(0) });
    this.awaits(
      inRounds({ clock: this.clock, everyMs: LOOK_EVERY_MS, signal: this.stopping, failed: (error) => this.#failed(error) }, () =>
        this.#close(WINDOW_MS),
      ),
    );
  }

  /** Notes the refusal of a request, if an auditor would want to know of it. */
  note(request: HttpRequest, { status, code }: { readonly status: number; readonly code: string }): void {
    if (request.isOnRecord === true || !isAttempt(request, status, code)) return;
    const principal = request.caller?.principal;
    const chain = principal?.workgroupId ?? INSTALLATION_CHAIN;
    const action = request.operationId ?? 'authenticate';
    const from = originOf(request);
    const windows = this.#windows.get(chain) ?? new Map<string, Window>();
    this.#windows.set(chain, windows);
    const own = [principal?.by ?? from.address, action, code].join(' ');
    const isOther = !windows.has(own) && windows.size >= MOST_KINDS;
    const key = isOther ? OTHERS : own;
    const window = windows.get(key);
    const now = this.clock.now();
    if (window !== undefined) {
      if (window.count === 0) window.since = now;
      window.count += 1;
      return;
    }
    const who = principal === undefined || isOther ? null : personOf(principal);
    const entry: Refused = {
      is: 'refused',
      actionId: this.trail.newId(),
      action: isOther ? OTHERS : action,
      who,
      from,
      object: null,
      ids: {},
      status,
      code,
      count: 1,
      since: now,
    };
    windows.set(key, { entry, openedMs: this.clock.monotonicMs(), count: 0, since: now });
    void this.#record(chain, entry);
  }

  /** Ends what has been counted for long enough. */
  async #close(olderThanMs: number): Promise<void> {
    for (const [chain, windows] of this.#windows) {
      for (const [key, { entry, openedMs, count, since }] of windows) {
        if (this.clock.monotonicMs() - openedMs < olderThanMs) continue;
        windows.delete(key);
        if (count > 0) await this.#record(chain, { ...entry, actionId: this.trail.newId(), count, since });
      }
    }
  }

  async #record(chain: string, entry: Refused): Promise<void> {
    await this.trail.record(chain, entry, entry.who?.by).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.log.write('error', 'audit.refusal-not-recorded', errorFacts(error));
  }
}

/** A browser that has not signed in yet asks who it is, and tries nothing. */
const isAttempt = (request: HttpRequest, status: number, code: string): boolean => {
  if (code === 'request.unauthenticated') return request.headers.authorization !== undefined || sessionOf(request) !== undefined;
  return code === 'webhook.signature-invalid' || status === 401 || status === 403 || (status === 404 && request.isHidden === true);
};
