import { distributed, runProcess } from '@pstream/platform';
import { notifierKeys } from './config.js';
import { NotifierModule } from './notifier.module.js';

await runProcess({ name: 'notifier', keys: notifierKeys, open: distributed, modules: (config) => [NotifierModule.with(config)] });
