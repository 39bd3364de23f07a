export { builderKeys } from './config.js';
export type { BuilderLimits } from './pass/builder-ports.js';
export { PstBuilderModule } from './pst-builder.module.js';
