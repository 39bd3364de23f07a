import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:projects', rootDir: import.meta.dirname };
