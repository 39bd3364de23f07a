import { distributed, runProcess } from '@pstream/platform';
import { projectsKeys } from './config.js';
import { ProjectsModule } from './projects.module.js';

// This process publishes the events of the whole store: it has the fewest of its own to wait for, and is always there.
await runProcess({
  name: 'projects',
  keys: projectsKeys,
  open: distributed,
  modules: (config) => [ProjectsModule.with(config)],
  relay: ({ relay }) => relay === 'on',
});
