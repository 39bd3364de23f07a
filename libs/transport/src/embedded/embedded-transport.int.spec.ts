import 'reflect-metadata';
import { consumeByKeyContract } from '../consume-by-key.contract.js';
import { nestContract } from '../nest/nest.contract.js';
import { transportModelContract } from '../transport-model.contract.js';
import { transportContract } from '../transport.contract.js';
import { embeddedFixture } from './embedded.fixture.js';

describe('embedded transport', () => transportContract(() => embeddedFixture()));
describe('embedded transport with tiny segments', () => transportModelContract(() => embeddedFixture(200), 15));
describe('consumer loop over the embedded transport', () => consumeByKeyContract(() => embeddedFixture()));
describe('Nest over the embedded transport', () => nestContract(() => embeddedFixture()));
