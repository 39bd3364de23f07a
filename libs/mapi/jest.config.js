import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'mapi', rootDir: import.meta.dirname };
