/** All projects at once; `node tools/jest.mjs [filter]` starts it with the flags that ESM needs. */
export default { projects: ['<rootDir>/apps/*', '<rootDir>/libs/*', '<rootDir>/test'] };
