import { Fault } from '@pstream/kernel';
import type { GraphLimits, MailboxRef } from '../client.js';
import { pinToMailbox, pinToOrigin, type GraphPath } from '../http/origin.js';
import type { Call, Calls, JsonReply, OpenReply } from './calls.js';
import { mailboxAt, mailboxBase } from './mailbox-path.js';

/** What every session of a tenant shares. */
export type SessionPorts = { readonly calls: Calls; readonly origin: URL; readonly limits: GraphLimits };

/** A call without what the session knows: its deadline and the mailbox it counts against. */
export type SessionCall = Omit<Call, 'deadlineMs' | 'mailboxId'>;

/** One caller's conversation with Graph about a tenant as a whole: the calls, the origin they may go to, their limits, and the signal that
 *  ends them. Faults are those of `Calls`. */
export class Session {
  readonly limits: GraphLimits;
  readonly signal: AbortSignal | undefined;
  protected readonly ports: SessionPorts;

  constructor(ports: SessionPorts, signal?: AbortSignal) {
    this.ports = ports;
    this.limits = ports.limits;
    this.signal = signal;
  }

  /** Sends a call within the deadline of listings and reads its JSON object. */
  json(call: SessionCall): Promise<JsonReply> {
    return this.ports.calls.json({ ...call, deadlineMs: this.limits.listingMs }, this.signal);
  }

  /** Sends a call that is answered with a redirect to a file on another host, and reads that file, without a token. `isAllowed` judges the host. Fault
   *  'graph.foreign-url' (never) where it is none of those. */
  async fileBehind(call: SessionCall, isAllowed: (host: URL, origin: URL) => boolean): Promise<Buffer | undefined> {
    const location = await this.ports.calls.location({ ...call, deadlineMs: this.limits.listingMs }, this.signal);
    const url = URL.canParse(location) ? new URL(location) : undefined;
    if (url === undefined || url.username !== '' || url.password !== '' || !isAllowed(url, this.ports.origin)) {
      throw new Fault('graph.foreign-url', {
        retry: 'never',
        facts: { source: 'Location', because: 'not a host of reports' },
        advice: 'Graph pointed to a host that is none of those that reports lie on; nothing was sent there. Report this.',
      });
    }
    return this.ports.calls.file(url.href, this.limits.listingMs, this.signal);
  }

  /** The same conversation, narrowed to one mailbox. */
  with(mailbox: MailboxRef): MailboxSession {
    return new MailboxSession(this.ports, mailbox, this.signal);
  }

  /** The path of a link out of a reply or a store. Fault 'graph.foreign-url' (never) if it leads elsewhere. */
  path(link: string, source: string): GraphPath {
    return pinToOrigin(link, this.ports.origin, source);
  }

  /** As `path`, for links that must lead to a mailbox. */
  mailboxPath(link: string, source: string): ReturnType<typeof pinToMailbox> {
    return pinToMailbox(link, this.ports.origin, source);
  }
}

/** One caller's conversation with one physical mailbox, under whose limits all of its calls are. */
export class MailboxSession extends Session {
  readonly mailbox: MailboxRef;

  constructor(ports: SessionPorts, mailbox: MailboxRef, signal?: AbortSignal) {
    super(ports, signal);
    this.mailbox = mailbox;
  }

  /** A path below the mailbox; `rest` begins with a slash and is encoded already. */
  below(rest: string): GraphPath {
    return `${mailboxBase(this.mailbox)}${rest}` as GraphPath;
  }

  /** The mailbox that a path leads to: this one, or the part of it that a redirect or parentMailboxUrl named. */
  mailboxAt(path: GraphPath): MailboxRef {
    return mailboxAt(path, this.mailbox);
  }

  /** As `json`, for a path of the mail API, which does not name the mailbox whose limits it is under. */
  mailJson(call: SessionCall): Promise<JsonReply> {
    return this.ports.calls.json({ ...call, deadlineMs: this.limits.listingMs, mailboxId: this.mailbox.id }, this.signal);
  }

  /** Sends a call within the deadline of exports and passes its body on as it arrives. */
  open(call: SessionCall): Promise<OpenReply> {
    return this.ports.calls.open({ ...call, deadlineMs: this.limits.exportMs }, this.signal);
  }

  /** As `open`, for a path of the mail API. */
  mailOpen(call: SessionCall): Promise<OpenReply> {
    return this.ports.calls.open({ ...call, deadlineMs: this.limits.exportMs, mailboxId: this.mailbox.id }, this.signal);
  }

  /** Waits as before the `tried`-th repeat of a call. */
  moment(tried: number): Promise<void> {
    return this.ports.calls.moment(tried, this.signal);
  }
}
