import { distributed, runProcess } from '@pstream/platform';
import { ProjectorModule } from './projector.module.js';

await runProcess({ name: 'projector', keys: {}, open: distributed, modules: () => [ProjectorModule] });
