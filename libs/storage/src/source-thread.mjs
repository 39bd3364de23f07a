// Starts the storage thread from the sources, for tests: Node strips the types, the hook finds `.ts` where an import says `.js`.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && context.parentURL?.endsWith('.ts')
      ? next(specifier.replace(/\.js$/, '.ts'), context)
      : next(specifier, context),
});
await import('./storage-thread.ts');
