import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:people', rootDir: import.meta.dirname };
