// Health of the service in this container, for health checks: exit code 0 while it runs. `health.mjs PORT` only asks whether the port is open.
import { connect } from 'node:net';

const [port] = process.argv.slice(2);
if (port === undefined) {
  fetch(`http://127.0.0.1:${process.env.PSTREAM_HEALTH_PORT ?? '8081'}/health`).then(
    ({ ok }) => process.exit(ok ? 0 : 1),
    () => process.exit(1),
  );
} else {
  connect(Number(port), '127.0.0.1')
    .on('connect', () => process.exit(0))
    .on('error', () => process.exit(1));
}
