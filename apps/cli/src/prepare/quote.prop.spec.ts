import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { bicepText, odataText, powershellText, shellText } from './quote.js';

/** What a language reads at the beginning of `code`, by its own rules: the value of one literal, and what follows it. */
type Read = (code: string) => { readonly value: string; readonly rest: string };

/** In PowerShell five characters open, close and double as a single quote. */
const readPowershell: Read = (code) => {
  const isQuote = (at: number): boolean => "'\u2018\u2019\u201A\u201B".includes(code[at] ?? 'none');
  expect(isQuote(0)).toBe(true);
  let value = '';
  for (let at = 1; at < code.length; at++) {
    if (isQuote(at) && !isQuote(at + 1)) return { value, rest: code.slice(at + 1) };
    if (isQuote(at)) at++;
    value += code[at];
  }
  throw new Error('not closed');
};

const readBicep: Read = (code) => {
  expect(code[0]).toBe("'");
  let value = '';
  for (let at = 1; at < code.length; at++) {
    if (code[at] === "'") return { value, rest: code.slice(at + 1) };
    if (code.startsWith('${', at)) throw new Error('an expression begins');
    if (code[at] === '\\') {
      at++;
      expect("\\'$").toContain(code[at]);
    }
    value += code[at];
  }
  throw new Error('not closed');
};

const readOdata: Read = (code) => {
  const found = /^'((?:[^']|'')*)'(?!')/.exec(code);
  if (found === null) throw new Error('not closed');
  return { value: (found[1] ?? '').replaceAll("''", "'"), rest: code.slice(found[0].length) };
};

/** Much of what has a meaning somewhere, and anything else. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom("'", '"', '\\', '$', '{', '}', '(', ')', '`', '\u2018', '\u2019', '\u201A', '\u201B', '#', ';', '\n'),
      fc.string({ maxLength: 3, unit: 'grapheme' }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('a quoted value', () => {
  it.each([
    ['PowerShell', powershellText, readPowershell],
    ['Bicep', bicepText, readBicep],
    ['OData', odataText, readOdata],
  ] as const)('is one literal of %s, and reads as it was', (_, quoted, read) => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(read(`${quoted(text)} rest`)).toEqual({ value: text, rest: ' rest' });
      }),
    );
  });

  it('is one argument of bash, and reads as it was', () => {
    fc.assert(
      fc.property(
        fc.array(
          hostile.map((text) => text.replaceAll('\0', '')),
          { minLength: 1, maxLength: 50 },
        ),
        (texts) => {
          const script = `printf '%s\\0' ${texts.map(shellText).join(' ')}`;
          expect(execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: {} }).split('\0').slice(0, -1)).toEqual(texts);
        },
      ),
      { numRuns: 20 },
    );
  });
});
