export { extractorKeys } from './config.js';
export { ExtractorModule, type ExtractorOptions } from './extractor.module.js';
