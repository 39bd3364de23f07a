import { err, ok, type Result } from '@pstream/kernel';
import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, workgroup, type EventOf } from './event-shapes.js';
import { subscribableKinds, type NoticeKind } from './notice-kinds.js';

// Templates of notices: what a workgroup has them say in its own words, for each kind.

const OF_ALL = ['kind', 'count', 'at', 'subscription', 'usual'] as const;
const OF_PASSES = ['project', 'customer', 'mailbox', 'pass', 'pass-kind'] as const;
const OF_COUNTS = ['discovered', 'exported', 'skipped', 'failed'] as const;
const OF_CAUSES = ['cause', 'advice'] as const;
const OF_LICENCES = ['order', 'licences', 'until'] as const;

/** What can stand in a template, in braces. Each value is one line of what a notice says anyway: never mail content, a subject or a secret. */
export type Placeholder =
  | (typeof OF_ALL | typeof OF_PASSES | typeof OF_COUNTS | typeof OF_CAUSES | typeof OF_LICENCES)[number]
  | 'days'
  | 'app';

/** What notices can have templates for. */
export type TemplateKind = Exclude<NoticeKind, 'test'>;

/** The placeholders of each kind. */
export const PLACEHOLDERS: Readonly<Record<TemplateKind, readonly Placeholder[]>> = {
  'pass.started': [...OF_ALL, ...OF_PASSES],
  'pass.completed': [...OF_ALL, ...OF_PASSES, ...OF_COUNTS],
  'pass.completed-with-errors': [...OF_ALL, ...OF_PASSES, ...OF_COUNTS],
  'pass.failed': [...OF_ALL, ...OF_PASSES, ...OF_CAUSES],
  'pass.held': [...OF_ALL, ...OF_PASSES, ...OF_CAUSES],
  'pass.silent': [...OF_ALL, ...OF_PASSES, ...OF_CAUSES],
  'licence.released': [...OF_ALL, ...OF_LICENCES],
  'licence.ending': [...OF_ALL, ...OF_LICENCES, 'days'],
  'secret.ending': [...OF_ALL, 'customer', 'app', 'until', 'days'],
};

/** A piece of a template: text as it stands, or what a placeholder stands for. */
export type TemplatePart = { readonly text: string } | { readonly placeholder: Placeholder };

/** Why a text is no template: a placeholder that the kind does not have, or a brace at a position (from 1) that neither begins nor ends one. */
export type TemplateFault =
  | { readonly is: 'placeholder'; readonly placeholder: string }
  | { readonly is: 'brace'; readonly position: number };

/**
 * template    = *( text / placeholder / "{{" / "}}" )      ; doubled braces stand for one
 * placeholder = "{" name "}"
 */
export const readTemplate = (template: string, kind: TemplateKind): Result<readonly TemplatePart[], TemplateFault> => {
  const known: readonly string[] = PLACEHOLDERS[kind];
  const parts: TemplatePart[] = [];
  for (const { 0: piece, index } of template.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g)) {
    if (piece === '{' || piece === '}') return err({ is: 'brace', position: index + 1 });
    const isPlaceholder = piece.length > 2 && piece.startsWith('{') && piece.endsWith('}');
    const name = piece.slice(1, -1);
    if (piece === '{}' || (isPlaceholder && !known.includes(name))) return err({ is: 'placeholder', placeholder: name });
    if (isPlaceholder) parts.push({ placeholder: name as Placeholder });
    else parts.push({ text: piece === '{{' || piece === '}}' ? piece.slice(1) : piece });
  }
  return ok(parts);
};

const LINES = 20;
// Controls have no place in what others read; a body may have lines. Something must be there that is no blank. Blanks are named before it, so that there is one way to
// read a text; what is too long is not read at all.
const SUBJECT =
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  /^[^\S\u0000-\u001F\u007F-\u009F\u2028\u2029]*[^\s\uFEFF\u0000-\u001F\u007F-\u009F][^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$/;
const BODY =
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  /^(?:[^\S\u0000-\u001F\u007F-\u009F\u2028\u2029]|\r?\n)*[^\s\uFEFF\u0000-\u001F\u007F-\u009F](?:[^\u0000-\u001F\u007F-\u009F\u2028\u2029]|\r?\n)*$/;

export const TemplateSubject = z
  .string()
  .min(1)
  .max(200, { abort: true })
  .regex(SUBJECT, 'Give one line of text, without control characters; null stands for the usual subject.')
  .transform((text) => text.trim());
export const TemplateBody = z
  .string()
  .min(1)
  .max(2_000, { abort: true })
  .regex(BODY, 'Give some lines of text, without control characters; null stands for the usual text.')
  .transform((text) => text.replaceAll('\r\n', '\n').trim())
  .refine((text) => text.split('\n').length <= LINES, `Give at most ${LINES} lines.`);

const Kind = z.enum(subscribableKinds);

/** Other words for a kind. What is absent stays as it is; null stands for the usual words. */
export const EditNoticeTemplate = z.strictObject({
  workgroupId: z.string().min(1).max(64),
  kind: Kind,
  subject: TemplateSubject.nullable().optional(),
  body: TemplateBody.nullable().optional(),
});
export type EditNoticeTemplate = z.infer<typeof EditNoticeTemplate>;

/** The words of a kind; null stands for the usual ones. */
export const NoticeTemplate = z.object({ subject: z.string().nullable(), body: z.string().nullable() });
export type NoticeTemplate = Readonly<z.infer<typeof NoticeTemplate>>;

/** A notice of a kind with made-up values, in the words of now and those that are given in their place. */
export const PreviewNoticeReply = z.discriminatedUnion('is', [
  z.object({ is: z.literal('shown'), subject: z.string(), text: z.string(), html: z.string() }),
  z.object({ is: z.literal('refused'), code: z.string(), facts: z.record(z.string(), z.union([z.string(), z.number()])) }),
]);
export type PreviewNoticeReply = Readonly<z.infer<typeof PreviewNoticeReply>>;

/** Events of the templates of a workgroup. */
export const templateEvents = {
  /** The words of a kind are these from now on. */
  NoticeTemplateEdited: z.object({ ...workgroup, kind: Kind, ...NoticeTemplate.shape, at }),
};
export type TemplateEvent = EventOf<typeof templateEvents>;

/** Stream of the templates of a workgroup. */
export const templatesStream = (workgroupId: string): StreamName<TemplateEvent> => streamName(`notice-templates:${workgroupId}`);

/** The templates of a workgroup by kind; those that say the usual are not there. */
export const NoticeTemplatesView = z.object({ workgroupId: z.string(), templates: z.partialRecord(Kind, NoticeTemplate) });
export type NoticeTemplatesView = Readonly<z.infer<typeof NoticeTemplatesView>>;
