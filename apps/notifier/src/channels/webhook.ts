import { createHmac } from 'node:crypto';
import type { Notice } from './notice.js';

/** What begins a key that signs webhooks. */
const KEY_PREFIX = 'whsec_';

/** The headers by which a receiver sees that a webhook is ours and new, as the Standard Webhooks specification says: an HMAC-SHA256 over
 *  id, time and body. The id is the same each time that the notice is tried again. */
export const signatureHeaders = (key: string, of: { readonly id: string; readonly seconds: number; readonly body: string }) => {
  const mac = createHmac('sha256', Buffer.from(key.slice(KEY_PREFIX.length), 'base64'));
  const signature = mac.update(`${of.id}.${of.seconds}.${of.body}`).digest('base64');
  return { 'webhook-id': of.id, 'webhook-timestamp': String(of.seconds), 'webhook-signature': `v1,${signature}` };
};

/** What a webhook carries. */
export const webhookBody = ({ noticeId, workgroupId, subscription, project, madeAt, counts, entries }: Notice): string =>
  JSON.stringify({
    type: 'pstream.notice',
    timestamp: madeAt,
    data: { noticeId, workgroupId, subscriptionId: subscription.subscriptionId, project, counts, entries },
  });
