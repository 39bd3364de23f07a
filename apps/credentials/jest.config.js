import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:credentials', rootDir: import.meta.dirname };
