import { Inject, Injectable } from '@nestjs/common';
import { problemOfRejection } from '@pstream/api';
import type { CommandInput, CommandMeta, CommandName, CommandReply, Service } from '@pstream/contracts';
import { deriveId, type Clock, type Ids, type Rejection } from '@pstream/kernel';
import { CLOCK, COMMANDS, IDS } from '@pstream/wiring';
import { command, type LogClient } from '@pstream/transport';
import type { Caller } from '../door/http.js';
import { ProblemError } from '../door/problem.js';

/** Where a command's events went: for `?atLeast=<stream>:<version>`. */
export type Accepted = { readonly stream: string; readonly version: number };

/** One thing that a caller wants done. All ids follow from `commandId`, so the same request sent again does nothing twice. */
export type Intent = Pick<CommandMeta, 'commandId' | 'by' | 'digest' | 'expectedVersion'>;

/** Id of what an intent makes; `parts` tell several things apart. */
export const idFor = (intent: Intent, kind: string, ...parts: readonly (string | number)[]): string =>
  deriveId(kind, intent.commandId, ...parts);

/** A step of an intent, with a command id of its own. It has no expected version: the first command has moved it, or it is another stream's. */
export const stepOf = ({ expectedVersion: _expected, ...intent }: Intent, ...parts: readonly (string | number)[]): Intent => ({
  ...intent,
  commandId: deriveId('step', intent.commandId, ...parts),
});

/** Sends commands to the services over the message log. */
@Injectable()
export class Sender {
  constructor(
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(IDS) private readonly ids: Ids,
  ) {}

  /** The intent behind a request: the same one for the same caller, route and Idempotency-Key, a new one without the header. */
  intent({ by, route, key, digest, ifMatch }: Caller): Intent {
    return {
      commandId: key === undefined ? this.ids.ulid() : deriveId('command', by, route, key),
      by,
      ...(digest === undefined ? {} : { digest }),
      ...(ifMatch === undefined ? {} : { expectedVersion: ifMatch }),
    };
  }

  /** Sends a command and waits for the answer. Throws the problem of a Rejection, or the Fault. */
  async send<S extends Service, N extends CommandName<S>>(
    intent: Intent,
    service: S,
    name: N,
    body: NoInfer<CommandInput<S, N>>,
  ): Promise<Accepted> {
    const reply = await this.ask(intent, service, name, body);
    if (!reply.accepted) throw new ProblemError(problemOfRejection(reply.rejection));
    return { stream: reply.stream, version: reply.version };
  }

  /** The same, with a Rejection returned. */
  async ask<S extends Service, N extends CommandName<S>>(
    intent: Intent,
    service: S,
    name: N,
    body: NoInfer<CommandInput<S, N>>,
  ): Promise<CommandReply> {
    const meta: CommandMeta = { ...intent, at: this.clock.now() };
    try {
      return await command(this.commands, service, name, meta, body);
    } catch (error) {
      if (isRejection(error)) return { accepted: false, rejection: error };
      throw error;
    }
  }
}

const isRejection = (error: unknown): error is Rejection =>
  typeof error === 'object' && error !== null && !(error instanceof Error) && 'code' in error && 'facts' in error;
