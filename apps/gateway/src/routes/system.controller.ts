import { Controller, Inject } from '@nestjs/common';
import { Handles, type Answered } from '../door/route.js';
import { DEFAULT_VERSION, GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';

/** The gateway itself. */
@Controller()
export class SystemController {
  constructor(@Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions) {}

  @Handles('getHealth')
  health(): Answered<'getHealth'> {
    return { status: 'ok' };
  }

  @Handles('getVersion')
  version(): Answered<'getVersion'> {
    return { name: 'pstream', version: this.options.version ?? DEFAULT_VERSION, api: 'v1' };
  }
}
