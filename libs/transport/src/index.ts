export * from './transport.js';
export { consumeByKey, type ConsumeByKeyOptions } from './consume-by-key.js';
export { DeadLetters, isOurKey, type DeadLetter } from './dead-letters.js';
export { DeadLetterIndex, type KeptLetter } from './dead-letter-index.js';
export type { Place } from './place.js';
export {
  embeddedTransport,
  memoryTransport,
  type EmbeddedTransport,
  type EmbeddedTransportOptions,
} from './embedded/embedded-transport.js';
export { Answer, Subscribe, type SubscribeExtras } from './nest/decorators.js';
export { LogClient, type LogClientOptions } from './nest/log-client.js';
export { LogContext } from './nest/log-context.js';
export { ask, command, serviceController } from './nest/service-controller.js';
export { LogServer, type LogServerOptions } from './nest/log-server.js';
export { dealtFrom, dealtKey } from './placement.js';
