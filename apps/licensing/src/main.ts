import { distributed, runProcess } from '@pstream/platform';
import { licensingKeys } from './config.js';
import { LicensingModule } from './licensing.module.js';

await runProcess({
  name: 'licensing',
  keys: licensingKeys,
  open: distributed,
  modules: (config) => [LicensingModule.with(config)],
});
