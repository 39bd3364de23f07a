import { runService } from '@pstream/platform';
import { builderKeys } from './config.js';
import { PstBuilderModule } from './pst-builder.module.js';

await runService({ name: 'pst-builder', keys: builderKeys, module: (config) => PstBuilderModule.with(config) });
