// Makes a customer and lists all of them: PSTREAM_URL=… PSTREAM_TOKEN=… node examples/drive-the-api.mjs NAME
import { argv, env, stdout } from 'node:process';

const call = async (method, path, body) => {
  const response = await fetch(`${env.PSTREAM_URL ?? 'http://127.0.0.1:4321'}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${env.PSTREAM_TOKEN}`, 'content-type': 'application/json', 'idempotency-key': `example-${argv[2]}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.title}: ${answer.detail}`);
  return answer;
};

const made = await call('POST', '/customers', { name: argv[2] });
// Read models follow events; atLeast waits until they show what the command did.
const { items } = await call('GET', `/customers?atLeast=${encodeURIComponent(`${made.stream}:${made.version}`)}`);
for (const { customerId, name } of items) stdout.write(`${customerId}\t${name}\n`);
