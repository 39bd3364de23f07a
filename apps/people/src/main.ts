import { distributed, runProcess } from '@pstream/platform';
import { PeopleModule } from './people.module.js';

await runProcess({ name: 'people', keys: {}, open: distributed, modules: () => [PeopleModule] });
