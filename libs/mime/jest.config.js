import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'mime', rootDir: import.meta.dirname };
