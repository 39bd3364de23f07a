import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'pst', rootDir: import.meta.dirname };
