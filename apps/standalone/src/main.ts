import { signInPath } from '@pstream/contracts';
import { createSignInCode, discardFirstToken } from '@pstream/gateway';
import { systemClock as clock, systemRandom as random } from '@pstream/kernel';
import { runProcess } from '@pstream/platform';
import { standalone, tokensDir } from './system.js';

// `npm start`: the embedded system for real use, until it is interrupted.

await runProcess({
  ...standalone('own'),
  interrupted: { code: 0, says: 'Stopping…\n' },
  run: async (life) => {
    if (life.readNoArguments()) return 0;
    const { running, config } = await life.start();
    const token = running.prepared?.firstToken;
    const { code } = await createSignInCode(tokensDir(config.dataDir), { clock, random });
    const lines = [
      'pstream is running.',
      `  Address: ${running.url}   (API description: ${running.url}/docs)`,
      `  Data:    ${config.dataDir}`,
      `  Sign in: ${running.url}${signInPath(code)}   (once, within 15 minutes)`,
      ...(token === undefined
        ? []
        : [`  Token:   ${token}`, '  The token is shown this once. Keep it: export PSTREAM_TOKEN, or npm run -s pstream -- login.']),
    ];
    try {
      await life.stdout.written(`${lines.join('\n')}\n`);
    } catch (error) {
      // A token that nobody has seen would lock everybody out; without one, the process goes on without its greeting.
      if (token === undefined) return life.stopped;
      life.afterwards(() => discardFirstToken(tokensDir(config.dataDir), token));
      throw error;
    }
    return life.stopped;
  },
});
