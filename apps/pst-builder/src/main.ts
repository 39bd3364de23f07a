import { distributed, runProcess } from '@pstream/platform';
import { builderKeys } from './config.js';
import { PstBuilderModule } from './pst-builder.module.js';

await runProcess({
  name: 'pst-builder',
  keys: builderKeys,
  open: distributed,
  modules: (config) => [PstBuilderModule.with({ ...config, threads: 'own' })],
});
