import { applyDecorators, Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';

/** How a subscribed handler is run. */
export type SubscribeExtras = {
  /** Consumer group, `<app>.<handler>.v<n>`. A topic may have several handlers, each with its own group. */
  readonly group: string;
  /** Most records at work at once. Default 16. */
  readonly concurrency?: number;
  /** Where a group without a position begins. Default 'earliest'. */
  readonly from?: 'earliest' | 'latest';
};

/** Nest would replace an error by "Internal server error"; the log strategy needs the Fault itself. */
@Catch()
class PassErrors implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Handles every event of a topic. The record is acknowledged when the handler has resolved; a Fault that may be retried repeats it;
 *  one that says never, and a record that `fromCloudEvent` refuses, moves it to `<topic>.dead`. */
export const Subscribe = (topic: string, extras: SubscribeExtras): MethodDecorator =>
  applyDecorators(EventPattern<string>(topic, { ...extras }), UseFilters(new PassErrors()));

/** Answers requests named `<service>.<Command>`. What the handler returns travels back as JSON, a thrown Fault as a Fault. */
export const Answer = (pattern: string): MethodDecorator => applyDecorators(MessagePattern<string>(pattern), UseFilters(new PassErrors()));
