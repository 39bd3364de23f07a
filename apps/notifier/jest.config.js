import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:notifier', rootDir: import.meta.dirname };
