import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'msg', rootDir: import.meta.dirname };
