import { Global, Module, type DynamicModule } from '@nestjs/common';

/** Gives every module of the process the same ports, under the tokens of this library. */
@Global()
@Module({})
export class PortsModule {
  /** One provider per entry. */
  static of(ports: ReadonlyMap<symbol, unknown>): DynamicModule {
    const providers = [...ports].map(([provide, useValue]) => ({ provide, useValue }));
    return { module: PortsModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
