/** Our own bug: thrown by `assert` and `assertNever`, never caught to go on. */
export class Defect extends Error {
  override readonly name = 'Defect';
}

/** Stops at a broken promise of our own code. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Defect(message);
}

/** Makes a missing case of a union a compile error, and a Defect at run time. */
export const assertNever = (value: never): never => {
  throw new Defect(`unexpected case: ${JSON.stringify(value)}`);
};
