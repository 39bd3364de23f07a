import { distributed, runProcess } from '@pstream/platform';
import { CredentialsModule } from './credentials.module.js';

await runProcess({ name: 'credentials', keys: {}, open: distributed, modules: () => [CredentialsModule] });
