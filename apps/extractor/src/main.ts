import { runService } from '@pstream/platform';
import { extractorKeys } from './config.js';
import { ExtractorModule } from './extractor.module.js';

await runService({ name: 'extractor', keys: extractorKeys, module: (config) => ExtractorModule.with(config) });
