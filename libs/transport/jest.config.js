import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'transport', rootDir: import.meta.dirname };
