import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:console', rootDir: import.meta.dirname };
