import { Module, type DynamicModule } from '@nestjs/common';
import { PassesController } from './passes.controller.js';
import { EXTRACTOR_OPTIONS, WorkConsumer, type ExtractorOptions } from './work.consumer.js';

/** Pages mailboxes, exports their items and publishes them for the builders. */
@Module({})
export class ExtractorModule {
  static with(options: ExtractorOptions): DynamicModule {
    return { module: ExtractorModule, controllers: [PassesController], providers: [{ provide: EXTRACTOR_OPTIONS, useValue: options }, WorkConsumer] };
  }
}
