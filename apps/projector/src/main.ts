import { runService } from '@pstream/platform';
import { ProjectorModule } from './projector.module.js';

await runService({ name: 'projector', keys: {}, module: () => ProjectorModule });
