import { utf16, utf16Text } from '@pstream/mapi';

import { subjectWithLeadIn } from './subject.js';

const stored = (subject: string, prefix?: string, normalized?: string): string =>
  utf16Text(
    subjectWithLeadIn(
      utf16(subject),
      prefix === undefined ? undefined : utf16(prefix),
      normalized === undefined ? undefined : utf16(normalized),
    ),
  );

describe('the lead-in of a subject', () => {
  it('encodes the length of the prefix that the source states', () => {
    expect(stored('RE: Hello', 'RE: ')).toBe('\u0001\u0005RE: Hello');
    expect(stored('RE: Hello', '')).toBe('\u0001\u0001RE: Hello');
  });

  it('takes the prefix from the normalized subject when none is stated', () => {
    expect(stored('Antwort: Hallo', undefined, 'Hallo')).toBe('\u0001\u000aAntwort: Hallo');
  });

  it('finds a short prefix by rule when nothing is stated', () => {
    expect(stored('FW: Hello')).toBe('\u0001\u0005FW: Hello');
    expect(stored('10: Hello')).toBe('\u0001\u000110: Hello');
    expect(stored('Note: Hello')).toBe('\u0001\u0001Note: Hello');
  });

  it('passes over a prefix that the subject does not begin with', () => {
    expect(stored('Hello', 'RE: ')).toBe('\u0001\u0001Hello');
  });

  it('leaves a subject that has one as it is', () => {
    expect(stored('\u0001\u0005RE: Hello', 'XX')).toBe('\u0001\u0005RE: Hello');
  });

  it('marks an empty subject', () => {
    expect(stored('')).toBe('\u0001\u0001');
  });
});
