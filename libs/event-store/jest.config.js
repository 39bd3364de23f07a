import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'event-store', rootDir: import.meta.dirname };
