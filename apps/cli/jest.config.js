import { createRequire } from 'node:module';
import preset from '../../jest.preset.js';

// nest-commander is CommonJS. Jest resolves its imports under the conditions of ours, and would give it modules.
const { resolve } = createRequire(import.meta.url);
const commonJs = Object.fromEntries(['tslib'].map((name) => [`^${name}$`, resolve(name)]));

export default {
  ...preset,
  displayName: 'app:cli',
  rootDir: import.meta.dirname,
  moduleNameMapper: { ...preset.moduleNameMapper, ...commonJs },
};
