export { extractorKeys } from './config.js';
export { ExtractorModule } from './extractor.module.js';
export type { ExtractorOptions } from './work.consumer.js';
