import { runService } from '@pstream/platform';
import { gatewayKeys } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { startGateway } from './start.js';

await runService({
  name: 'gateway',
  keys: gatewayKeys,
  module: ({ tokensDir, hosts }) => GatewayModule.with({ tokensDir, hosts }),
  start: startGateway,
});
