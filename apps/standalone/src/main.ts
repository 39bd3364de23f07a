import { isFault, systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { ConfigError, errorFacts, jsonLog, readConfig } from '@pstream/wiring';
import { environment, standaloneKeys } from './config.js';
import { startSystem } from './system.js';

// `npm start`: the embedded system for real use, until it is interrupted.

/** How long services may take to come to rest before the process ends all the same; their work is safe either way. */
const SHUTDOWN_MS = 25_000;

const start = async (): Promise<void> => {
  const config = readConfig(standaloneKeys, environment());
  const log = jsonLog(process.stderr, systemClock, config.logLevel);
  const system = await startSystem(config, { clock: systemClock, ids: systemIds, random: systemRandom, log });
  process.stdout.write(
    `pstream is running.\n  Address: ${system.url}   (API description: ${system.url}/docs)\n  Data:    ${config.dataDir}\n`,
  );
  if (system.firstToken !== undefined) {
    process.stdout.write(
      `  Token:   ${system.firstToken}\n  The token is shown this once. Keep it: export PSTREAM_TOKEN, or npm run -s pstream -- login.\n`,
    );
  }
  let closing = false;
  const stop = (): void => {
    if (closing) return;
    closing = true;
    process.stdout.write('Stopping…\n');
    void systemClock.sleep(SHUTDOWN_MS).then(() => process.exit(1));
    void system.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.write('error', 'shutdown.failed', errorFacts(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
};

try {
  await start();
} catch (error) {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  } else if (isFault(error)) {
    process.stderr.write(`${error.message}\n${error.advice === undefined ? '' : `${error.advice}\n`}`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
