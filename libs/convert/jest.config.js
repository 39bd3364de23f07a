import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'convert', rootDir: import.meta.dirname };
