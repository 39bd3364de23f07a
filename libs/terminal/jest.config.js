import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'terminal', rootDir: import.meta.dirname };
