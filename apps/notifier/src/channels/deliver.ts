import type { NoticeChannel } from '@pstream/contracts';
import { assertNever, Fault, type Clock } from '@pstream/kernel';
import type { SecretStore } from '@pstream/secrets';
import { z } from 'zod';
import { mailSender, type MailOptions } from './mail.js';
import type { Notice } from './notice.js';
import { post, type PostOptions } from './post.js';
import { teamsBody } from './teams.js';
import { signatureHeaders, webhookBody } from './webhook.js';

/** Sends a notice through a channel; returns how many addresses were refused while others were taken. Faults of the channels. */
export type Deliver = (channel: NoticeChannel, notice: Notice, signal?: AbortSignal) => Promise<number>;

/** What is sealed of a webhook or of a Teams workflow. */
const SealedAddress = z.object({ url: z.url(), key: z.string().optional() });

const unreadable = (): Fault =>
  new Fault('notice.address-unreadable', { retry: 'never', advice: 'Remove the subscription and add it again.' });

/** Sends through every channel. */
export const deliverer = (
  ports: { readonly secrets: SecretStore; readonly clock: Pick<Clock, 'now'> },
  options: { readonly mail: MailOptions } & PostOptions,
): Deliver => {
  const sendMail = mailSender(options.mail);
  const opened = async (ref: string): Promise<z.infer<typeof SealedAddress>> => {
    const parsed = SealedAddress.safeParse(JSON.parse((await ports.secrets.use(ref)).reveal()));
    if (!parsed.success) throw unreadable();
    return parsed.data;
  };
  return async (channel, notice, signal) => {
    switch (channel.kind) {
      case 'mail':
        return sendMail(notice, channel.to, signal);
      case 'webhook': {
        const { url, key } = await opened(channel.ref);
        // Signed with nothing, anybody could have sent it.
        if (key === undefined) throw unreadable();
        const body = webhookBody(notice);
        const seconds = Math.floor(Date.parse(ports.clock.now()) / 1_000);
        await post(options, { url, body, headers: signatureHeaders(key, { id: notice.noticeId, seconds, body }) }, signal);
        return 0;
      }
      case 'teams': {
        const { url } = await opened(channel.ref);
        await post(options, { url, body: teamsBody(notice), headers: {} }, signal);
        return 0;
      }
      default:
        return assertNever(channel);
    }
  };
};
