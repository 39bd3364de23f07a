import { Controller, Inject } from '@nestjs/common';
import { HEALTH, type ProcessHealth } from '@pstream/wiring';
import { problem } from '../door/problem.js';
import { Handles, type Answered } from '../door/route.js';
import { DEFAULT_VERSION, GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';

/** The gateway itself. */
@Controller()
export class SystemController {
  constructor(
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(HEALTH) private readonly process: ProcessHealth,
  ) {}

  @Handles('getHealth')
  health(): Answered<'getHealth'> {
    const { status, cause, counts } = this.process.report();
    if (status === 'failed') throw problem('process.failed', 503, { cause: cause ?? 'process.defect' });
    return { status: 'ok', deadLetters: counts['deadLetters'] ?? {}, openDeadLetters: counts['openDeadLetters'] ?? {} };
  }

  @Handles('getVersion')
  version(): Answered<'getVersion'> {
    const { version = DEFAULT_VERSION, oidc } = this.options;
    return { name: 'pstream', version, api: 'v1', signInWith: oidc === undefined ? ['code'] : ['code', 'account'] };
  }
}
