import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:cli', rootDir: import.meta.dirname };
