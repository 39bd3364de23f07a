import { Controller, Inject } from '@nestjs/common';
import { Notice, problemOfRejection, Project, Subscription, type SubscriptionBody } from '@pstream/api';
import {
  NoticeTemplatesView,
  PLACEHOLDERS,
  StoredSubscription,
  subscribableKinds,
  subscriptionsStream,
  templatesStream,
  VIEWS,
  type CommandReply,
  type EditSubscription,
  type NoticeChannel,
  type TemplateKind,
} from '@pstream/contracts';
import type { Random } from '@pstream/kernel';
import type { SecretStore } from '@pstream/secrets';
import { ask, type LogClient } from '@pstream/transport';
import { COMMANDS, RANDOM, SECRETS } from '@pstream/wiring';
import type { Caller, Principal } from '../door/http.js';
import { problem, ProblemError } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { Scope } from '../scope/scope.js';
import { idFor, Sender, type Accepted, type Intent } from '../send/sender.js';

/** What is sealed of an address: itself, and for a webhook the key that signs what goes there. */
type Sealed = { readonly url: string; readonly key?: string };

const KEY_BYTES = 32;

/** Who in the workgroup of the caller is notified of what. */
@Controller()
export class NoticesController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(SECRETS) private readonly secrets: SecretStore,
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  @Handles('listSubscriptions')
  async list(@Request() { caller, query: { atLeast, ...page } }: Asked<'listSubscriptions'>): Promise<Answered<'listSubscriptions'>> {
    await this.views.atLeast(atLeast, [VIEWS.subscriptions]);
    return this.views.page(VIEWS.subscriptions, Subscription, { workgroupId: caller.principal.workgroupId }, page, 'name');
  }

  @Handles('getSubscription')
  async show(
    @Request() { caller: { principal }, params: { subscriptionId }, query, setVersion }: Asked<'getSubscription'>,
  ): Promise<Answered<'getSubscription'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.subscriptions]);
    setVersion(await this.views.version(VIEWS.subscriptions, subscriptionsStream(principal.workgroupId)));
    return Subscription.parse(await this.#need(principal, subscriptionId));
  }

  @Handles('addSubscription')
  async add(
    @Request() { caller, body: { name, kinds, projectId, channel } }: Asked<'addSubscription'>,
  ): Promise<Answered<'addSubscription'>> {
    const { principal } = caller;
    await this.#mayHear(principal, projectId);
    const intent = this.sender.intent(caller);
    const subscriptionId = idFor(intent, 'subscription');
    const reply = await this.#sealing(caller, intent, subscriptionId, sealedOf(channel, this.random), (ref) =>
      this.sender.ask(intent, 'notifier', 'AddSubscription', {
        workgroupId: principal.workgroupId,
        subscriptionId,
        name,
        kinds,
        channel: channelOf(channel, ref ?? ''),
        ...(projectId === undefined ? {} : { projectId }),
      }),
    );
    const signingKey = reply.ref === undefined ? null : ((await this.#opened(reply.ref)).key ?? null);
    return { id: subscriptionId, stream: reply.stream, version: reply.version, signingKey };
  }

  @Handles('editSubscription')
  async edit(
    @Request() { caller, params: { subscriptionId }, body: { url, ...changes } }: Asked<'editSubscription'>,
  ): Promise<Answered<'editSubscription'>> {
    const { principal } = caller;
    const { ref: before, channel } = await this.#need(principal, subscriptionId);
    await this.#mayHear(principal, changes.projectId ?? undefined);
    const intent = this.sender.intent(caller);
    const edit = (address: EditSubscription['address']): Promise<CommandReply> =>
      this.sender.ask(intent, 'notifier', 'EditSubscription', {
        workgroupId: principal.workgroupId,
        subscriptionId,
        ...changes,
        ...(address === undefined ? {} : { address }),
      });
    if (url !== undefined && before === null) throw problem('notice.other-channel', 409, { channel });
    const sealed = url === undefined || before === null ? undefined : { ...(await this.#opened(before)), url };
    const reply = await this.#sealing(caller, intent, subscriptionId, sealed, (ref) =>
      edit(url === undefined || ref === undefined ? undefined : { host: new URL(url).host, ref }),
    );
    return { id: subscriptionId, stream: reply.stream, version: reply.version };
  }

  @Handles('removeSubscription')
  async remove(@Request() { caller, params: { subscriptionId } }: Asked<'removeSubscription'>): Promise<Answered<'removeSubscription'>> {
    const { workgroupId } = caller.principal;
    const sent = await this.sender.send(this.sender.intent(caller), 'notifier', 'RemoveSubscription', { workgroupId, subscriptionId });
    return { id: subscriptionId, ...sent };
  }

  @Handles('testSubscription')
  async test(
    @Request() { caller, params: { subscriptionId }, query: { about } }: Asked<'testSubscription'>,
  ): Promise<Answered<'testSubscription'>> {
    const testId = idFor(this.sender.intent(caller), 'notice-test');
    const { workgroupId } = caller.principal;
    const { outcome, code, advice } = await ask(this.commands, 'notifier', 'SendTest', { workgroupId, subscriptionId, testId, about });
    if (outcome === 'unknown-subscription') throw problem('notice.unknown', 404);
    return { outcome, code, advice };
  }

  @Handles('listNoticeTemplates')
  async templates(@Request() { caller, query, setVersion }: Asked<'listNoticeTemplates'>): Promise<Answered<'listNoticeTemplates'>> {
    const { workgroupId } = caller.principal;
    await this.views.atLeast(query.atLeast, [VIEWS.noticeTemplates]);
    setVersion(await this.views.version(VIEWS.noticeTemplates, templatesStream(workgroupId)));
    const found = await this.views.get(VIEWS.noticeTemplates, NoticeTemplatesView, workgroupId);
    const templates = found?.templates ?? {};
    const usual = { subject: null, body: null };
    return { items: subscribableKinds.map((kind) => ({ kind, ...(templates[kind] ?? usual), placeholders: [...PLACEHOLDERS[kind]] })) };
  }

  @Handles('editNoticeTemplate')
  async editTemplate(@Request() { caller, params, body }: Asked<'editNoticeTemplate'>): Promise<Answered<'editNoticeTemplate'>> {
    const { workgroupId } = caller.principal;
    const kind = kindOf(params.kind);
    return {
      id: kind,
      ...(await this.sender.send(this.sender.intent(caller), 'notifier', 'EditNoticeTemplate', { workgroupId, kind, ...body })),
    };
  }

  @Handles('previewNotice')
  async preview(@Request() { caller, params, body }: Asked<'previewNotice'>): Promise<Answered<'previewNotice'>> {
    const { workgroupId } = caller.principal;
    const shown = await ask(this.commands, 'notifier', 'PreviewNotice', { workgroupId, kind: kindOf(params.kind), ...body });
    if (shown.is === 'refused') throw new ProblemError(problemOfRejection(shown));
    const { subject, text, html } = shown;
    return { subject, text, html };
  }

  @Handles('listNotices')
  listNotices(@Request() { caller, query: { subscriptionId, state, ...page } }: Asked<'listNotices'>): Promise<Answered<'listNotices'>> {
    const { workgroupId } = caller.principal;
    const filter = {
      workgroupId,
      ...(subscriptionId === undefined ? {} : { subscriptionId }),
      ...(state === undefined ? {} : { state }),
    };
    return this.views.page(VIEWS.notices, Notice, filter, page, '-madeAt');
  }

  async #need({ workgroupId }: Principal, subscriptionId: string): Promise<StoredSubscription> {
    const found = await this.views.need(VIEWS.subscriptions, StoredSubscription, subscriptionId, 'notice.unknown');
    if (found.workgroupId !== workgroupId) throw problem('notice.unknown', 404);
    return found;
  }

  /** A project of which the caller may hear. */
  async #mayHear(principal: Principal, projectId: string | undefined): Promise<void> {
    if (projectId === undefined) return;
    const refusal = await this.scope.refusal(principal, { projectId });
    if (refusal !== undefined) throw refusal;
    await this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
  }

  /** Seals an address and has it recorded behind its reference, in this order: what is on record can be used. What a refusal or a crash leaves, and
   *  what another address took the place of, the notifier deletes. */
  async #sealing(
    caller: Caller,
    intent: Intent,
    subscriptionId: string,
    sealed: Sealed | undefined,
    record: (ref: string | undefined) => Promise<CommandReply>,
  ): Promise<Accepted & { readonly ref: string | undefined }> {
    // The same request sent again finds its secret, and another body under the same key never touches it.
    const secretId = idFor(intent, 'secret', intent.digest ?? '');
    const seal = (): Promise<string> | undefined =>
      sealed === undefined ? undefined : this.secrets.put(`notice:${subscriptionId}`, JSON.stringify(sealed), secretId);
    const ref = await seal();
    const reply = await record(ref);
    if (reply.accepted) {
      // Sent again, it may have met a secret that was deleted then. From now on it has a subscription.
      if (caller.key !== undefined) await seal();
      return { stream: reply.stream, version: reply.version, ref };
    }
    const isOver = caller.key === undefined || reply.rejection.code === 'request.idempotency-mismatch';
    if (ref !== undefined && isOver) await this.secrets.delete(ref);
    throw new ProblemError(problemOfRejection(reply.rejection));
  }

  async #opened(ref: string): Promise<Sealed> {
    return JSON.parse((await this.secrets.use(ref)).reveal()) as Sealed;
  }
}

const kindOf = (given: string): TemplateKind => {
  const kind = subscribableKinds.find((one) => one === given);
  if (kind === undefined) throw problem('notice-kind.unknown', 404);
  return kind;
};

const sealedOf = (channel: SubscriptionBody['channel'], random: Random): Sealed | undefined => {
  if (channel.kind === 'mail') return undefined;
  const { url } = channel;
  return channel.kind === 'teams' ? { url } : { url, key: `whsec_${Buffer.from(random.bytes(KEY_BYTES)).toString('base64')}` };
};

const channelOf = (channel: SubscriptionBody['channel'], ref: string): NoticeChannel =>
  channel.kind === 'mail' ? channel : { kind: channel.kind, host: new URL(channel.url).host, ref };
