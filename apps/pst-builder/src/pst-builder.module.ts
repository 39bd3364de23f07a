import { Module, type DynamicModule } from '@nestjs/common';
import { BUILDER_LIMITS, ItemsService } from './items.service.js';
import type { BuilderLimits } from './pass-builder.js';

/** Turns item messages into proven PST parts at the destination. */
@Module({})
export class PstBuilderModule {
  static with(limits: BuilderLimits): DynamicModule {
    return { module: PstBuilderModule, providers: [{ provide: BUILDER_LIMITS, useValue: limits }, ItemsService] };
  }
}
