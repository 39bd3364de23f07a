import { readTemplate, type Placeholder, type TemplateKind } from '@pstream/contracts';

/** What each placeholder stands for; nothing where there is nothing to say. */
export type Values = Readonly<Partial<Record<Placeholder, string>>>;

/** A template with its values in place: no value is read as a placeholder. Undefined where there is no template, where nothing is left to say, and for one that a
 *  later release made. */
export const filled = (template: string | null | undefined, kind: TemplateKind, values: Values): string | undefined => {
  if (template === null || template === undefined) return undefined;
  const read = readTemplate(template, kind);
  if (!read.ok) return undefined;
  const text = read.value.map((part) => ('text' in part ? part.text : (values[part.placeholder] ?? ''))).join('');
  return text.trim() === '' ? undefined : text;
};
