import { distributed, runProcess } from '@pstream/platform';
import { extractorKeys } from './config.js';
import { ExtractorModule } from './extractor.module.js';

await runProcess({
  name: 'extractor',
  keys: extractorKeys,
  open: distributed,
  modules: (config) => [ExtractorModule.with({ ...config, threads: 'own' })],
});
