export { builderKeys } from './config.js';
export type { BuilderLimits } from './pass/pass-builder.js';
export { PstBuilderModule } from './pst-builder.module.js';
