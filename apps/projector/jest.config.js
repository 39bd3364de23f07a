import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:projector', rootDir: import.meta.dirname };
