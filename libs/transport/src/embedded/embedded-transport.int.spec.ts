import 'reflect-metadata';
import { consumeByKeyContract } from '../consume-by-key.contract.js';
import { nestContract } from '../nest/nest.contract.js';
import { transportContract } from '../transport.contract.js';
import { embeddedFixture } from './embedded.fixture.js';

describe('embedded transport', () => transportContract(embeddedFixture));
describe('consumer loop over the embedded transport', () => consumeByKeyContract(embeddedFixture));
describe('Nest over the embedded transport', () => nestContract(embeddedFixture));
