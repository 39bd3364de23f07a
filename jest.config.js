/** All projects at once; `node tools/jest.mjs [filter]` starts it with the flags that ESM needs. */
// No test is a measurement: the limit is there for what hangs, and a busy machine must not reach it.
export default { testTimeout: 120_000, projects: ['<rootDir>/apps/*', '<rootDir>/libs/*', '<rootDir>/test'] };
