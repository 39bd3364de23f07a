import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFault, type Random } from '@pstream/kernel';
import type { CallEffect, Operation } from '../fault-script.js';
import { guidOf, isMailboxId } from '../ids.js';
import { remember, type RequestRecord } from '../request-log.js';
import type { Mailbox } from '../tenant.js';
import { answerBatch } from './batch-handler.js';
import type { Call, GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { moveFolder, redirectTo } from './lookup.js';
import { EntraError } from './entra-errors.js';
import { kept, type Exchange } from './exchange.js';
import { readItemIds } from './export-handler.js';
import { throttled, type Gate } from './gate.js';
import { Handlers } from './handlers.js';
import { checkPermission } from './permissions.js';
import { accessDenied, badRequest, malformedId, Refusal, retryAfter } from './refusal.js';
import { routeOf, type Route } from './routes.js';
import { Gone, send } from './sender.js';
import { answerSignIn } from './sign-in-handler.js';
import type { Grant, TokenService } from './tokens.js';

/** What the door needs. */
export type DoorParts = {
  readonly context: Context;
  readonly tokens: TokenService;
  readonly gate: Gate;
  readonly random: Random;
  readonly requests: RequestRecord[];
  readonly keepRequests: number;
  readonly observe?: (exchange: Exchange) => void;
};

/** The answer to one call, the effects to send it with, and what to do when it has been sent. */
type Outcome = {
  readonly reply: Reply;
  readonly effects: readonly CallEffect[];
  readonly record: RequestRecord;
  readonly body: () => Promise<Buffer>;
  done(): void;
};

const MAX_BODY = 4 * 1024 * 1024;

/** Takes requests in: signs in, counts, applies the fault rules, asks the handlers, sends, and writes the log. */
export class Door {
  readonly #handlers: Handlers;
  #number = 0;

  constructor(private readonly parts: DoorParts) {
    this.#handlers = new Handlers(parts.context);
  }

  /** Answers one HTTP request. Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = this.parts.context.clock.monotonicMs();
    let outcome: Outcome;
    try {
      outcome = await this.#outcome(request);
    } catch {
      // Only a request whose body never came ends here: there is nobody to answer.
      response.destroy();
      return;
    }
    const { record, effects } = outcome;
    try {
      if (effects.some((each) => each.effect === 'hang')) await hung(response);
      else if (effects.some((each) => each.effect === 'reset')) response.destroy();
      else record.bytes = await this.#send(request, response, outcome);
    } catch (error) {
      // The head is out: all that is left to show is a broken connection.
      record.code = error instanceof Gone ? 'client-gone' : isFault(error) ? error.code : 'simulator-error';
      response.destroy(error instanceof Error ? error : undefined);
    } finally {
      outcome.done();
      record.milliseconds = this.parts.context.clock.monotonicMs() - started;
    }
  }

  async #send(request: IncomingMessage, response: ServerResponse, { reply, effects, record, body }: Outcome): Promise<number> {
    const { observe, context } = this.parts;
    if (observe === undefined) return send(response, this.#withIds(request, reply), effects, context.clock);
    const asked = (await body()).toString('utf8');
    const { reply: sent, answer } = kept(reply);
    const bytes = await send(response, this.#withIds(request, sent), effects, context.clock);
    const { method, target, status } = record;
    observe({ method, target, headers: request.headers, body: asked, status, answer: answer() });
    return bytes;
  }

  async #outcome(request: IncomingMessage): Promise<Outcome> {
    const target = request.url ?? '/';
    const url = new URL(target, this.parts.context.origin);
    const route = routeOf(url.pathname);
    let body: Promise<Buffer> | undefined;
    const readBody = (): Promise<Buffer> => (body ??= bodyOf(request));
    if (route.is === 'graph') {
      return this.#graph(route, {
        operation: route.operation,
        version: route.version,
        method: request.method ?? 'GET',
        target,
        params: route.params,
        query: url.searchParams,
        headers: request.headers,
        body: readBody,
      });
    }
    const record = this.#record({ method: request.method ?? 'GET', target, operation: route.is, concurrent: 1, batched: false });
    const effects = route.is === 'token' ? this.#effects('token') : [];
    const reply = await this.#refusing(async () => {
      if (route.is === 'unknown') throw segmentRefusal(route.segment);
      return answerSignIn(this.parts, { route, method: request.method, body: readBody }, effects);
    }, record);
    return { reply, effects, record, body: readBody, done: () => undefined };
  }

  /** One Graph call, on its own or out of a batch. */
  async #graph(route: Extract<Route, { is: 'graph' }>, call: Call, batched = false): Promise<Outcome> {
    const { context, gate } = this.parts;
    const about: { grant?: Grant; mailbox?: Mailbox } = {};
    const early = this.#early(() => {
      about.grant = this.parts.tokens.grant(call.headers.authorization);
      about.mailbox = this.#mailbox(call);
    });
    const { grant, mailbox } = about;
    const lane = grant === undefined || mailbox === undefined ? undefined : gate.enter(grant.clientId, mailbox.id);
    const { itemIds, unreadable } = early === undefined && call.operation === 'exportItems' ? await this.#itemIds(call) : {};
    const refused = early ?? lane?.refusal ?? unreadable;
    const record = this.#record({
      method: call.method,
      target: call.target,
      operation: call.operation,
      version: call.version,
      ...(grant === undefined ? {} : { clientId: grant.clientId }),
      ...(mailbox === undefined
        ? {}
        : { mailbox: { userPrincipalName: mailbox.user.userPrincipalName, kind: mailbox.kind, id: mailbox.id } }),
      ...(itemIds === undefined ? {} : { itemIds }),
      concurrent: lane?.concurrent ?? 1,
      batched,
    });
    const effects = refused === undefined ? this.#effects(call.operation, call, mailbox, itemIds?.length ?? 0) : [];
    const reply = await this.#refusing(async () => {
      if (refused !== undefined || grant === undefined) throw refused ?? badRequest('The call has no sender.');
      const granted: GrantedCall = { ...call, grant, mailbox, effects };
      await this.#beforehand(granted, effects, itemIds);
      if (route.method !== call.method)
        throw new Refusal(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.', {
          allow: route.method,
        });
      if (context.strict) checkPermission(call, grant);
      if (mailbox !== undefined && grant.mailboxes !== undefined && !grant.mailboxes.has(mailbox.user.userPrincipalName.toLowerCase()))
        throw accessDenied();
      if (call.operation === 'batch') return answerBatch(granted, (part) => this.#part(part, granted));
      return this.#handlers.answer(granted, itemIds);
    }, record);
    return { reply, effects, record, body: () => call.body(), done: () => lane?.leave() };
  }

  /** A part of a batch: same sign-in, own route, own count. */
  async #part(
    part: { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>> },
    outer: GrantedCall,
  ): Promise<Reply> {
    const target = `/${outer.version}/${part.url.replace(/^\//, '')}`;
    const url = new URL(target, this.parts.context.origin);
    const route = routeOf(url.pathname);
    if (route.is !== 'graph') return errorReply(segmentRefusal(route.is === 'unknown' ? route.segment : part.url));
    if (route.operation === 'exportItems' || route.operation === 'batch')
      return errorReply(badRequest('This request cannot be part of a batch.'));
    const outcome = await this.#graph(
      route,
      {
        operation: route.operation,
        version: route.version,
        method: part.method,
        target,
        params: route.params,
        query: url.searchParams,
        headers: { ...part.headers, authorization: outer.headers.authorization },
        body: () => Promise.resolve(Buffer.alloc(0)),
      },
      true,
    );
    outcome.done();
    outcome.record.milliseconds = 0;
    return outcome.reply;
  }

  #mailbox(call: Call): Mailbox | undefined {
    const { tenant } = this.parts.context;
    if (call.params.mailbox !== undefined) {
      if (!isMailboxId(call.params.mailbox)) throw malformedId();
      const mailbox = tenant.mailbox(call.params.mailbox);
      // Archives are a beta feature: v1.0 does not know their ids.
      if (mailbox === undefined || (call.version === 'v1.0' && mailbox.kind !== 'primary'))
        throw new Refusal(404, 'ErrorInvalidUser', 'The requested user is invalid.');
      return mailbox;
    }
    const name = call.params.user;
    if (name === undefined || call.operation === 'user' || call.operation === 'settings') return undefined;
    if (isMailboxId(name)) return tenant.mailbox(name);
    const user = tenant.user(name);
    return user === undefined ? undefined : tenant.primary(user);
  }

  #effects(operation: Operation, call?: Call, mailbox?: Mailbox, itemCount = 0): readonly CallEffect[] {
    return this.parts.context.engine.forCall({
      operation,
      version: call?.version,
      mailbox,
      userPrincipalName: this.parts.context.tenant.user(call?.params.user ?? '')?.userPrincipalName,
      folderId: call?.params.folder,
      itemCount,
      resumed: call !== undefined && (call.query.has('$skiptoken') || call.query.has('$deltatoken')),
    });
  }

  /** Effects that come before or instead of an answer. */
  async #beforehand(call: GrantedCall, effects: readonly CallEffect[], itemIds?: readonly string[]): Promise<void> {
    for (const effect of effects) {
      switch (effect.effect) {
        case 'delay':
          await this.parts.context.clock.sleep(effect.milliseconds);
          break;
        case 'error':
          throw new Refusal(
            effect.status,
            effect.code,
            effect.message ?? 'An error of the script.',
            retryAfter(effect.retryAfterSeconds),
            effect.emptyBody,
          );
        case 'throttle':
          throw throttled('MailboxConcurrency', effect.retryAfterSeconds, effect.code);
        case 'unavailable':
          throw new Refusal(
            503,
            effect.code ?? 'ErrorMailboxMoveInProgress',
            'Mailbox move in progress. Try again later.',
            retryAfter(effect.retryAfterSeconds),
          );
        case 'timeout':
          throw new Refusal(504, 'UnknownError', 'The gateway did not receive a timely response.');
        case 'redirect':
          throw redirectTo(this.parts.context, call, effect.to, effect.mixedCase);
        case 'move-folder':
          await moveFolder(call, effect.to, itemIds);
          break;
        case 'arrive':
          await this.#handlers.arrive(call, effect.count ?? 1);
          break;
        default:
          break;
      }
    }
  }

  // The ids are read before the rules are asked, because a rule may hang on how many there are.
  async #itemIds(call: Call): Promise<{ readonly itemIds?: readonly string[]; readonly unreadable?: Refusal }> {
    if (call.method !== 'POST') return {};
    try {
      return { itemIds: await readItemIds(call) };
    } catch (error) {
      if (error instanceof Refusal) return { unreadable: error };
      throw error;
    }
  }

  #early(work: () => void): Refusal | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  /** Turns what handlers throw into answers, and notes the outcome. */
  async #refusing(work: () => Promise<Reply>, record: RequestRecord): Promise<Reply> {
    let reply: Reply;
    try {
      reply = await work();
    } catch (error) {
      if (error instanceof Refusal) reply = errorReply(error);
      else if (error instanceof EntraError) reply = this.#entraReply(error);
      else if (isFault(error))
        reply = errorReply(
          new Refusal(500, 'ErrorInternalServerError', `${error.message}${error.advice === undefined ? '' : ` ${error.advice}`}`),
        );
      else
        reply = errorReply(
          new Refusal(500, 'ErrorInternalServerError', error instanceof Error ? (error.stack ?? error.message) : 'unknown'),
        );
    }
    record.status = reply.status;
    if (reply.code !== undefined) record.code = reply.code;
    return reply;
  }

  #entraReply(error: EntraError): Reply {
    const json = {
      error: error.error,
      error_description: error.message,
      error_codes: [error.number],
      timestamp: `${this.parts.context.clock.now().slice(0, 19).replace('T', ' ')}Z`,
      trace_id: this.#guid(),
      correlation_id: this.#guid(),
      error_uri: `${this.parts.context.origin}/error?code=${error.number}`,
    };
    return { status: error.status, json, code: `AADSTS${error.number}`, headers: { 'cache-control': 'no-store, no-cache' } };
  }

  #record(known: Omit<RequestRecord, 'number' | 'at' | 'status' | 'bytes'>): RequestRecord {
    const record: RequestRecord = { number: ++this.#number, at: this.parts.context.clock.now(), ...known, status: 0, bytes: 0 };
    remember(this.parts.requests, record, this.parts.keepRequests);
    return record;
  }

  // Graph names every answer; errors repeat the names in the body.
  #withIds(request: IncomingMessage, reply: Reply): Reply {
    const requestId = this.#guid();
    const given = request.headers['client-request-id'];
    const clientRequestId = typeof given === 'string' ? given : requestId;
    const headers = { 'request-id': requestId, 'client-request-id': clientRequestId, ...reply.headers };
    if (!isGraphError(reply.json)) return { ...reply, headers };
    const date = this.parts.context.clock.now().slice(0, 19);
    const innerError = { date, 'request-id': requestId, 'client-request-id': clientRequestId };
    return { ...reply, headers, json: { error: { ...reply.json.error, innerError } } };
  }

  #guid(): string {
    return guidOf(this.parts.random.bytes(16));
  }
}

const isGraphError = (json: unknown): json is { readonly error: object } =>
  typeof json === 'object' && json !== null && 'error' in json && typeof json.error === 'object';

const segmentRefusal = (segment: string): Refusal => badRequest(`Resource not found for the segment '${segment}'.`);

const errorReply = (refusal: Refusal): Reply => ({
  status: refusal.status,
  code: refusal.code,
  headers: refusal.headers,
  ...(refusal.emptyBody ? {} : { json: { error: { code: refusal.code, message: refusal.message } } }),
});

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY) throw new Refusal(413, 'RequestEntityTooLarge', 'The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

// Never answered: ends when the client gives up or the simulator closes.
const hung = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed) resolve();
    else response.once('close', resolve);
  });
