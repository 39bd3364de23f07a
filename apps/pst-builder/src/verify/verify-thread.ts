import { parentPort } from 'node:worker_threads';
import { assert, systemClock, systemRandom } from '@pstream/kernel';
import { serveVerification } from './verify-server.js';

// A thread that verifies one part after another, so that reading back does not hold up building.

assert(parentPort !== null, 'this file is the start of a worker thread');
serveVerification(parentPort, { clock: systemClock, random: systemRandom });
