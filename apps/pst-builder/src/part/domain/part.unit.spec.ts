import type { PartEvent, PartRefs } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import { decide, type PartCommand } from './decide.js';
import { evolve } from './evolve.js';
import { noPart } from './state.js';

const at = '2026-03-01T00:00:00.000Z';
const refs: PartRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x', partId: 'q' };
const opened: PartEvent = { type: 'PartOpened', data: { ...refs, name: 'a.pst', container: 'mailboxes', ordinal: 1, at } };
const taken = (epoch: number): PartEvent => ({ type: 'BuilderTookOver', data: { ...refs, epoch, at } });
const seal = { epoch: 1, extents: 2, listKey: 'l', listSha256: 'h', bytes: 3, items: 4, folders: 5 };
const intended: PartEvent = { type: 'PartSealIntended', data: { ...refs, ...seal, at } };
const sealed: PartEvent = { type: 'PartSealed', data: { ...refs, name: 'a.pst', etag: 'e', location: 'l', bytes: 3, items: 4, at } };
const takeOver: PartCommand = { type: 'TakeOver', refs, name: 'a.pst', container: 'mailboxes', ordinal: 1, at };
const part = decider({ decide, evolve, initial: noPart });

describe('a part', () => {
  it('is opened by its first owner under epoch 1', () => part.given().when(takeOver).then(opened, taken(1)));
  it('gives every further owner a higher epoch', () => part.given(opened, taken(1)).when(takeOver).then(taken(2)));
  it('lets only its present owner decide the commit', () => {
    part
      .given(opened, taken(1), taken(2))
      .when({ type: 'IntendSeal', refs, ...seal, at })
      .then(rejected('part.taken-over', { epoch: 1 }));
    part
      .given(opened, taken(1))
      .when({ type: 'IntendSeal', refs, ...seal, at })
      .then(intended);
  });
  it('cannot be taken over once its commit is decided', () =>
    part
      .given(opened, taken(1), intended)
      .when(takeOver)
      .then(rejected('part.not-open', { is: 'intended' })));
  it('is sealed once, by whoever rolls the decided commit forward', () => {
    const record: PartCommand = { type: 'RecordSealed', refs, etag: 'e', location: 'l', at };
    part.given(opened, taken(1), intended).when(record).then(sealed);
    part.given(opened, taken(1), intended, sealed).when(record).then();
  });
  it('says on sealing which kinds of items the decided commit counted', () => {
    const types = { email: { items: 3, bytes: 30 }, tasks: { items: 1, bytes: 4 } };
    const counted: PartEvent = { type: 'PartSealIntended', data: { ...refs, ...seal, types, at } };
    part
      .given(opened, taken(1))
      .when({ type: 'IntendSeal', refs, ...seal, types, at })
      .then(counted);
    part
      .given(opened, taken(1), counted)
      .when({ type: 'RecordSealed', refs, etag: 'e', location: 'l', at })
      .then({ type: 'PartSealed', data: { ...sealed.data, types, at } } as PartEvent);
  });
  it('is verified only after it was sealed', () => {
    const record: PartCommand = { type: 'RecordVerified', refs, sha256: 's', at };
    part
      .given(opened, taken(1), intended)
      .when(record)
      .then(rejected('part.not-sealed', { is: 'intended' }));
    part
      .given(opened, taken(1), intended, sealed)
      .when(record)
      .then({ type: 'PartVerified', data: { ...refs, sha256: 's', bytes: 3, items: 4, at } });
  });
  it('is given up by its present owner alone, decided or not, but never when it is sealed', () => {
    const giveUp = (epoch: number): PartCommand => ({ type: 'Abandon', refs, epoch, reason: 'part.extents-lost', at });
    const abandoned: PartEvent = { type: 'PartAbandoned', data: { ...refs, reason: 'part.extents-lost', at } };
    part.given(opened, taken(1), taken(2)).when(giveUp(1)).then();
    part.given(opened, taken(1), taken(2)).when(giveUp(2)).then(abandoned);
    part.given(opened, taken(1), intended).when(giveUp(1)).then(abandoned);
    part.given(opened, taken(1), intended, sealed).when(giveUp(1)).then();
    part
      .given(opened, taken(1), abandoned)
      .when(takeOver)
      .then(rejected('part.not-open', { is: 'abandoned' }));
  });
});
