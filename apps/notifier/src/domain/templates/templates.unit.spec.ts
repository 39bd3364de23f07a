import { PLACEHOLDERS, readTemplate, TemplateBody, TemplateSubject, type TemplateKind } from '@pstream/contracts';
import { decide, evolve, noTemplates, type Templates } from './decide.js';

const of = { workgroupId: 'w', kind: 'pass.failed', at: '2026-03-31T10:00:00.000Z' } as const;
const after = (words: object, state = noTemplates()): Templates => {
  const decision = decide({ ...of, ...words }, state);
  if (!decision.accepted) throw new Error(decision.rejection.code);
  return decision.events.reduce(evolve, state);
};

describe('the words of a kind of notices', () => {
  it('are what was given last, each by itself, until the usual ones are given back', () => {
    const first = after({ subject: 'Look at {project}' });
    expect([...first]).toEqual([['pass.failed', { subject: 'Look at {project}', body: null }]]);
    const both = after({ body: '{mailbox}: {cause}' }, first);
    expect([...both]).toEqual([['pass.failed', { subject: 'Look at {project}', body: '{mailbox}: {cause}' }]]);
    expect(decide({ ...of, subject: 'Look at {project}' }, both)).toEqual({ accepted: true, events: [] });
    expect([...after({ subject: null, body: null }, both)]).toEqual([]);
  });

  it('have only placeholders that the kind has, and one that it has not is named', () => {
    for (const [words, field, placeholder] of [
      [{ subject: 'Password: {password}' }, 'subject', 'password'],
      [{ body: '{subject-of-the-mail}' }, 'body', 'subject-of-the-mail'],
      [{ body: '{exported}' }, 'body', 'exported'],
      [{ body: '{}' }, 'body', ''],
      [{ body: '{ mailbox }' }, 'body', ' mailbox '],
      [{ body: '{constructor}' }, 'body', 'constructor'],
    ] as const)
      expect(decide({ ...of, ...words }, noTemplates())).toEqual({
        accepted: false,
        rejection: {
          code: 'notice.template-placeholder',
          facts: { kind: 'pass.failed', field, placeholder, known: PLACEHOLDERS['pass.failed'].join(', ') },
        },
      });
  });

  it('have whole placeholders, and say where a brace is left over', () => {
    for (const [subject, position] of [
      ['{mailbox', 1],
      ['a } b', 3],
      ['{{mailbox}', 10],
      ['{mail{box}', 1],
    ] as const)
      expect(decide({ ...of, subject }, noTemplates())).toMatchObject({
        rejection: { code: 'notice.template-brace', facts: { field: 'subject', position } },
      });
  });

  it('are read into text and placeholders, with doubled braces for braces', () => {
    expect(readTemplate('{{{mailbox}}} {cause}', 'pass.failed')).toEqual({
      ok: true,
      value: [{ text: '{' }, { placeholder: 'mailbox' }, { text: '}' }, { text: ' ' }, { placeholder: 'cause' }],
    });
  });

  it('are plain text: a subject of one line, a body of at most twenty', () => {
    for (const subject of ['', ' ', '\u00A0 \u3000\uFEFF', 'a\nb', 'a\rBcc: eve@evil.example', 'a\u2028b', 'a\u0000b', 'x'.repeat(201)])
      expect([subject, TemplateSubject.safeParse(subject).success]).toEqual([subject, false]);
    for (const body of ['', '\n', ' \u3000\n', 'a\u0007b', 'a\rb', 'x'.repeat(2_001), 'x\n'.repeat(21) + 'x'])
      expect([body, TemplateBody.safeParse(body).success]).toEqual([body, false]);
    expect(TemplateBody.parse(' \na\r\nb\n')).toBe('a\nb');
    expect(TemplateSubject.parse('\u3000名 a ')).toBe('名 a');
  });

  it('are refused as fast as they are sent, however long they are', () => {
    for (const schema of [TemplateSubject, TemplateBody])
      for (const long of ['a'.repeat(20_000_000), ' '.repeat(20_000_000), ' a'.repeat(10_000_000), '\r\n'.repeat(10_000_000)])
        expect(schema.safeParse(`${long}\u0000`).success).toBe(false);
  });

  it('can say nothing that a notice does not say anyway: no mail, no subject of one, no address of a receiver, no secret', () => {
    const all = new Set((Object.keys(PLACEHOLDERS) as TemplateKind[]).flatMap((kind) => PLACEHOLDERS[kind]));
    expect([...all].toSorted().join(' ')).toBe(
      'advice app at cause count customer days discovered exported failed kind licences mailbox order pass pass-kind project skipped subscription until usual',
    );
  });
});
