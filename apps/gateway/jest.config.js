import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:gateway', rootDir: import.meta.dirname };
