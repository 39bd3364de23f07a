import { createRequire } from 'node:module';
import preset from '../../jest.preset.js';

// Express and the API pages are CommonJS. Jest resolves their imports under the conditions of ours, and would give them modules.
const { resolve } = createRequire(import.meta.url);
const commonJs = Object.fromEntries(['tslib', 'is-promise'].map((name) => [`^${name}$`, resolve(name)]));

// Within Jest a promise belongs to another realm than express; it would warn of every one, by means that Jest has replaced.
process.env.NO_DEPRECATION = 'router';

export default { ...preset, displayName: 'app:gateway', rootDir: import.meta.dirname, moduleNameMapper: { ...preset.moduleNameMapper, ...commonJs } };
