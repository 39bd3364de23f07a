import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'discover', rootDir: import.meta.dirname };
