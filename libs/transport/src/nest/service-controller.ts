import { Controller, Inject, type Type } from '@nestjs/common';
import {
  parseCommand,
  pattern,
  SERVICE_COMMANDS,
  SERVICE_QUERIES,
  type CommandBody,
  type CommandInput,
  type CommandMeta,
  type CommandName,
  type CommandReply,
  type QueryAnswer,
  type QueryBody,
  type QueryName,
  type RequestSchema,
  type Service,
} from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import { lastValueFrom } from 'rxjs';
import { Answer } from './decorators.js';
import type { LogClient } from './log-client.js';

/** What answers each command of a service; one that is missing or misspelt does not compile. `P` are the service's ports. */
export type CommandHandlers<S extends Service, P> = {
  readonly [N in CommandName<S>]: (ports: P, meta: CommandMeta, body: CommandBody<S, N>) => Promise<CommandReply>;
};

/** What answers each query of a service. */
export type QueryHandlers<S extends Service, P> = {
  readonly [N in QueryName<S>]: (ports: P, body: QueryBody<S, N>) => Promise<QueryAnswer<S, N>>;
};

type AnyHandler<P> = (ports: P, ...rest: readonly unknown[]) => Promise<unknown>;
type Answering<P> = { readonly ports: P };

/** The message door of a service, a Nest controller: reads each command and query against its schema and hands it to its handler.
 *  `token` is the name under which the module provides the ports. Rejection 'command.malformed', Fault 'query.malformed' (never). */
export const serviceController = <S extends Service, P>(
  service: S,
  token: symbol,
  handlers: { readonly commands: CommandHandlers<S, P>; readonly queries: QueryHandlers<S, P> },
): Type<unknown> => {
  @Controller()
  class ServiceController implements Answering<P> {
    readonly ports: P;
    constructor(@Inject(token) ports: P) {
      this.ports = ports;
    }
  }
  const answer = (name: string, method: (this: Answering<P>, message: unknown) => Promise<unknown>): void => {
    const descriptor = { value: method, configurable: true, writable: true };
    Object.defineProperty(ServiceController.prototype, name, descriptor);
    Answer(`${service}.${name}`)(ServiceController.prototype, name, descriptor);
  };
  const commands: Readonly<Record<string, { readonly request: RequestSchema }>> = SERVICE_COMMANDS[service];
  for (const [name, { request }] of Object.entries(commands)) {
    // Handlers and schemas have the same keys, and the type of each pair was checked where the handlers were given.
    const handle = (handlers.commands as Readonly<Record<string, AnyHandler<P>>>)[name]!;
    answer(name, async function (message) {
      const parsed = parseCommand(request, message);
      return parsed.ok ? handle(this.ports, parsed.value.meta, parsed.value.body) : parsed.error;
    });
  }
  const queries: Readonly<Record<string, { readonly request: RequestSchema }>> = SERVICE_QUERIES[service];
  for (const [name, { request }] of Object.entries(queries)) {
    const handle = (handlers.queries as Readonly<Record<string, AnyHandler<P>>>)[name]!;
    answer(name, async function (message) {
      const parsed = request.safeParse(message);
      if (parsed.success) return handle(this.ports, parsed.data);
      throw new Fault('query.malformed', {
        retry: 'never',
        facts: { query: `${service}.${name}`, fields: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) },
      });
    });
  }
  return ServiceController;
};

/** Sends a command to another service and waits for its reply. Faults of the client and of the handler. */
export const command = <S extends Service, N extends CommandName<S>>(
  client: LogClient,
  service: S,
  name: N,
  meta: CommandMeta,
  body: NoInfer<CommandInput<S, N>>,
): Promise<CommandReply> => lastValueFrom(client.send<CommandReply>(pattern(service, name), { meta, body }));

/** Asks another service. Faults of the client and of the handler. */
export const ask = <S extends Service, N extends QueryName<S>>(
  client: LogClient,
  service: S,
  name: N,
  body: NoInfer<QueryBody<S, N>>,
): Promise<QueryAnswer<S, N>> => lastValueFrom(client.send<QueryAnswer<S, N>>(pattern(service, name), body));
