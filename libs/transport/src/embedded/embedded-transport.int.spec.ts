import 'reflect-metadata';
import { inlineStorage, threadStorage } from '@pstream/storage';
import { consumeByKeyContract } from '../consume-by-key.contract.js';
import { deadLetterIndexContract } from '../dead-letter-index.contract.js';
import { nestContract } from '../nest/nest.contract.js';
import { onlookerContract, transportModelContract } from '../transport-model.contract.js';
import { transportContract } from '../transport.contract.js';
import { embeddedFixture } from './embedded.fixture.js';

describe('embedded transport behind the storage thread', () => {
  transportContract(() => embeddedFixture(threadStorage));
  // A loop that lets nothing else run is noticed only where something waits for another thread.
  onlookerContract(() => embeddedFixture(threadStorage), 40);
});
describe('embedded transport in the thread of the caller', () => transportContract(() => embeddedFixture(inlineStorage)));
describe('embedded transport', () => transportModelContract(() => embeddedFixture(inlineStorage), 15));
describe('consumer loop over the embedded transport', () => consumeByKeyContract(() => embeddedFixture(threadStorage)));
describe('Nest over the embedded transport', () => nestContract(() => embeddedFixture(threadStorage)));
describe('dead letters over the embedded transport', () => deadLetterIndexContract(() => embeddedFixture(threadStorage)));
