import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'fasttransfer', rootDir: import.meta.dirname };
