import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'tenant-sim', rootDir: import.meta.dirname };
