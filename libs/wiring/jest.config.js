import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'wiring', rootDir: import.meta.dirname };
