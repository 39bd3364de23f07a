import { runService } from '@pstream/platform';
import { licensingKeys } from './config.js';
import { LicensingModule } from './licensing.module.js';

await runService({ name: 'licensing', keys: licensingKeys, module: ({ cards }) => LicensingModule.with({ cards }) });
