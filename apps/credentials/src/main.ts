import { runService } from '@pstream/platform';
import { CredentialsModule } from './credentials.module.js';

await runService({ name: 'credentials', keys: {}, module: () => CredentialsModule });
