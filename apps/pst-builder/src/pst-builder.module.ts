import { Module, type DynamicModule } from '@nestjs/common';
import { BUILDER_LIMITS, ItemsService } from './items.service.js';
import type { BuilderLimits } from './pass-builder.js';
import { KEEP_DAYS, SweepService } from './sweep.service.js';

/** Turns item messages into proven PST parts at the destination. */
@Module({})
export class PstBuilderModule {
  static with({ keepDays, ...limits }: BuilderLimits & { readonly keepDays: number }): DynamicModule {
    return { module: PstBuilderModule, providers: [{ provide: BUILDER_LIMITS, useValue: limits }, { provide: KEEP_DAYS, useValue: keepDays }, ItemsService, SweepService] };
  }
}
