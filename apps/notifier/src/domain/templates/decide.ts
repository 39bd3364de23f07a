import {
  PLACEHOLDERS,
  readTemplate,
  type EditNoticeTemplate,
  type NoticeTemplate,
  type TemplateEvent,
  type TemplateKind,
} from '@pstream/contracts';
import { accept, reject, type Decision, type Rejection } from '@pstream/kernel';

/** Words of a workgroup by kind; a kind that says the usual is not there. */
export type Templates = ReadonlyMap<TemplateKind, NoticeTemplate>;

export const noTemplates = (): Templates => new Map();

/** What a kind says in its own words; null for what it says as usual. */
export const USUAL: NoticeTemplate = { subject: null, body: null };

export const evolve = (state: Templates, { data: { kind, subject, body } }: TemplateEvent): Templates => {
  const after = new Map(state);
  if (subject === null && body === null) after.delete(kind);
  else after.set(kind, { subject, body });
  return after;
};

/** The words that a kind has after a change. */
export const edited = (
  { kind, subject, body }: Pick<EditNoticeTemplate, 'kind' | 'subject' | 'body'>,
  state: Templates,
): NoticeTemplate => {
  const before = state.get(kind) ?? USUAL;
  return { subject: subject === undefined ? before.subject : subject, body: body === undefined ? before.body : body };
};

/** Why a kind cannot have such words; undefined if it can. */
export const templateRefusal = (kind: TemplateKind, { subject, body }: NoticeTemplate): Rejection | undefined => {
  for (const [field, template] of Object.entries({ subject, body })) {
    const read = template === null ? undefined : readTemplate(template, kind);
    if (read === undefined || read.ok) continue;
    return read.error.is === 'brace'
      ? { code: 'notice.template-brace', facts: { kind, field, position: read.error.position } }
      : {
          code: 'notice.template-placeholder',
          facts: { kind, field, placeholder: read.error.placeholder, known: PLACEHOLDERS[kind].join(', ') },
        };
  }
  return undefined;
};

/** Rules of templates: every placeholder is one that the kind has. */
export const decide = (command: EditNoticeTemplate & { readonly at: string }, state: Templates): Decision<TemplateEvent> => {
  const { workgroupId, kind, at } = command;
  const after = edited(command, state);
  const before = state.get(kind) ?? USUAL;
  const refusal = templateRefusal(kind, after);
  if (refusal !== undefined) return reject(refusal.code, refusal.facts);
  if (after.subject === before.subject && after.body === before.body) return accept();
  return accept({ type: 'NoticeTemplateEdited', data: { workgroupId, kind, ...after, at } });
};
