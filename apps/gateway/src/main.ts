import { distributed, runProcess } from '@pstream/platform';
import { gatewayKeys } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { leaveFirstToken } from './tokens/first-token.js';

await runProcess({
  name: 'gateway',
  keys: gatewayKeys,
  open: distributed,
  modules: ({ tokensDir, hosts }) => [GatewayModule.with({ tokensDir, hosts })],
  door: ({ host, port }) => ({ host, port }),
  prepare: ({ tokensDir }, system) => leaveFirstToken(tokensDir, system),
});
