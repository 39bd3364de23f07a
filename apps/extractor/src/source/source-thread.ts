import { parentPort } from 'node:worker_threads';
import { assert, systemClock, systemRandom } from '@pstream/kernel';
import { serveSources } from './source-server.js';

// A thread that talks to tenants, so that publishing does not wait for what comes from them.

assert(parentPort !== null, 'this file is the start of a worker thread');
serveSources(parentPort, { clock: systemClock, random: systemRandom });
