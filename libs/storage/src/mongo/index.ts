// `@pstream/storage/mongo`: what every adapter on MongoDB needs.
export { DURABLE, isDuplicateKey, mongoFaults, requireMajority } from './mongo-faults.js';
