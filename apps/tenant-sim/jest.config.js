import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:tenant-sim', rootDir: import.meta.dirname };
