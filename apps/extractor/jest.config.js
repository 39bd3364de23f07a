import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'app:extractor', rootDir: import.meta.dirname };
