import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:licensing', rootDir: import.meta.dirname };
