import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:standalone', rootDir: import.meta.dirname };
