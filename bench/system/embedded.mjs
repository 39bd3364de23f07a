// The embedded system in a process of its own, as `npm start` runs it, and calls to its API.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/standalone/dist/main.js', import.meta.url));

/** Starts it on a data directory; `environment` adds to its variables. Its address and token, most memory in MiB so far, and its end. */
export const startSystem = async (data, environment = {}) => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env: { ...process.env, PSTREAM_DATA: data, PSTREAM_PORT: '0', PSTREAM_LOG: 'error', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let url;
  let token;
  for await (const line of createInterface({ input: child.stdout })) {
    url ??= /Address: (\S+)/.exec(line)?.[1];
    token ??= /Token: +(\S+)/.exec(line)?.[1];
    if (url !== undefined && token !== undefined) break;
  }
  child.stdout.resume();
  return {
    url,
    token,
    peakRssMiB: async () => Math.round(Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

/** Calls the API: a text goes as CSV, anything else as JSON. Rejects with what the problem says. */
export const caller =
  ({ url, token }) =>
  async (method, path, body, headers = {}) => {
    const isText = typeof body === 'string';
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': isText ? 'text/csv' : 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok)
      throw new Error(
        `${method} ${path}: ${response.status} ${answer.code ?? ''} ${answer.detail ?? ''} ${JSON.stringify(answer.errors ?? '')}`,
      );
    return answer;
  };
