// Jest's globals as far as these helpers use them. Declared here, not imported: `@jest/globals` throws outside of jest,
// and FakeClock or startChild must load in plain scripts as well.
type Matchers = { toEqual(expected: unknown): void; toMatchObject(expected: unknown): void };
type Suite = { (title: string, body: () => void): void; skip(title: string, body: () => void): void };
type JestGlobals = {
  readonly describe?: Suite;
  readonly it?: (title: string, body: () => unknown) => void;
  readonly expect?: (actual: unknown) => Matchers;
  readonly afterAll?: (clean: () => unknown) => void;
};

const globals: JestGlobals = globalThis as JestGlobals;

/** A global of jest by name; throws where there is no jest. */
export const jestGlobal = <K extends keyof JestGlobals>(name: K): NonNullable<JestGlobals[K]> => {
  const found = globals[name];
  if (found === undefined || found === null) throw new Error(`${name} is only there inside jest`);
  return found;
};

/** Runs `clean` after the test file; outside of jest nothing is registered and the caller cleans up. */
export const afterTheFile = (clean: () => unknown): void => globals.afterAll?.(clean);
