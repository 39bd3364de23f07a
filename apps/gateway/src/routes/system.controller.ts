import { Controller, Get, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { Health, Version } from '../api/answers.js';
import { Route } from '../api/route.js';
import { DEFAULT_VERSION, GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';

/** The gateway itself. */
@Controller('v1')
export class SystemController {
  constructor(@Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions) {}

  @Get('health')
  @Route({ summary: 'Says that the gateway answers', answer: Health, open: true })
  health(): z.infer<typeof Health> {
    return { status: 'ok' };
  }

  @Get('version')
  @Route({ summary: 'Says which release this is', answer: Version })
  version(): z.infer<typeof Version> {
    return { name: 'pstream', version: this.options.version ?? DEFAULT_VERSION, api: 'v1' };
  }
}
