import type { EditNoticeTemplate, PreviewNoticeReply } from '@pstream/contracts';
import { templatesOf } from '../commands/ports.js';
import { edited, templateRefusal } from '../domain/templates/decide.js';
import { mailText } from '../render/mail-text.js';
import { sampleOf } from '../render/samples.js';
import type { OutboxPorts } from './outboxes.js';

/** A mail about something of a kind that has not happened, with the words of now and those that are given. Nothing is sent or kept. */
export const previewNotice = async (
  { store, clock, link }: Pick<OutboxPorts, 'store' | 'clock' | 'link'>,
  { workgroupId, kind, ...words }: EditNoticeTemplate,
): Promise<PreviewNoticeReply> => {
  const { state } = await templatesOf({ store }, workgroupId).fold();
  const template = edited({ kind, ...words }, state);
  const refusal = templateRefusal(kind, template);
  if (refusal !== undefined) return { is: 'refused', code: refusal.code, facts: refusal.facts as Record<string, string | number> };
  const at = clock.now();
  return {
    is: 'shown',
    ...mailText({
      noticeId: '',
      workgroupId,
      subscription: { subscriptionId: '01J8ZQ4N5W9K7C1B2D3E4F5G6F', name: 'Operations' },
      project: null,
      madeAt: at,
      counts: { test: 1 },
      entries: [{ ...sampleOf(kind), kind: 'test', sampleOf: kind, at }],
      templates: { [kind]: template },
      link,
    }),
  };
};
