import { BaseRpcContext } from '@nestjs/microservices';
import type { LogRecord } from '../transport.js';

/** What a handler may ask for with `@Ctx()`: the record as it came, and a signal that aborts when its work is no longer wanted. */
export class LogContext extends BaseRpcContext<[LogRecord, AbortSignal]> {
  get record(): LogRecord {
    return this.args[0];
  }

  get signal(): AbortSignal {
    return this.args[1];
  }
}
