import type { Template } from './queries.js';
import { changeOf, valuesOf, wordCommand, wordsOf } from './template.js';

const before: Template = { kind: 'pass.failed', subject: 'Look at {project}', body: null, placeholders: ['project'] };

describe('the form of a template', () => {
  it('is blank where the words are the usual ones', () => {
    expect(valuesOf(before)).toEqual({ subject: 'Look at {project}', body: '' });
    expect(wordsOf({ subject: ' ', body: ' {mailbox}\n{cause} ' })).toEqual({ subject: null, body: '{mailbox}\n{cause}' });
  });

  it.each([
    [{ subject: 'Look at {project} ', body: ' ' }, undefined],
    [{ subject: '', body: '' }, { subject: null }],
    [{ subject: 'Look at {project}', body: '{mailbox}' }, { body: '{mailbox}' }],
  ])('%j changes %j', (values, change) => {
    expect(changeOf(before, values)).toEqual(change);
  });

  it('shows the command that does the same, with what it changes', () => {
    expect(wordCommand('pass.failed', { subject: null, body: "{mailbox}: it's late" })).toBe(
      String.raw`pstream notice word pass.failed --subject usual --body '{mailbox}: it'\''s late'`,
    );
    expect(wordCommand('pass.failed', { body: null })).toBe('pstream notice word pass.failed --body usual');
  });
});
