import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:pst-builder', rootDir: import.meta.dirname };
