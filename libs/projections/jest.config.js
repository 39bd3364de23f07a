import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'projections', rootDir: import.meta.dirname };
