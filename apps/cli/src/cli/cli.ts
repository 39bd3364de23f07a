import type { Clock, Ids } from '@pstream/kernel';
import type { Client } from '../http/client.js';
import type { Output } from '../output/output.js';
import type { TextOut } from '../output/text-out.js';
import type { CliConfig } from './config.js';

/** The outside world as a command sees it. */
export type CliPorts = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stdout: TextOut;
  readonly stderr: TextOut;
  /** Reads standard input to its end. */
  readonly readStdin: () => Promise<Uint8Array>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts on Ctrl+C. */
  readonly signal: AbortSignal;
};

/** What every command is given. */
export type Cli = CliPorts & {
  readonly config: CliConfig;
  /** The gateway; made when it is first asked for. Fails with exit 12 where there is no token. */
  readonly client: () => Client;
  /** Output in the form that was asked for. */
  readonly out: Output;
  readonly json: boolean;
};
