import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'secrets', rootDir: import.meta.dirname };
