import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'blob', rootDir: import.meta.dirname };
