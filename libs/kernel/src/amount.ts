/** A count with its noun, for people: `1 mailbox`, `1,204 items`. */
export const amountOf = (value: number, one: string, several = `${one}s`): string =>
  `${value.toLocaleString('en-GB')} ${value === 1 ? one : several}`;
