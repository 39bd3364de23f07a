/** Characters that look like another one: digits and signs in the place of letters, and letters of Cyrillic and Greek with the shape of a
 *  Latin one. Each stands for one character or more of its own, so that a part of a name stays a part of what the name looks like. */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  // cspell:disable
  o: '0øοоσ',
  l: '1|!iıιіł',
  s: '5$ѕ',
  z: '2',
  b: '8βв',
  e: '3εеё',
  a: 'αа',
  c: 'с',
  d: 'đð',
  h: 'ħн',
  j: 'ј',
  k: 'κк',
  m: 'м',
  p: 'ρр',
  t: 'τт',
  v: 'ν',
  x: 'χх',
  y: 'υу',
  ss: 'ß',
  ae: 'æ',
  oe: 'œ',
  // cspell:enable
};

const SHAPE = new Map(
  Object.entries(LOOKS_LIKE).flatMap(([shape, characters]) => characters.split('').map((character) => [character, shape])),
);

/** What a name looks like: without case and accents, and with one character for all that look alike, so that `Cust0mer` and `customer` are the
 *  same. */
export const lookOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-hj-z ]/g, (character) => SHAPE.get(character) ?? character);
