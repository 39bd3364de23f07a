import { createHash } from 'node:crypto';

import { PROPERTY_SET } from '@pstream/mapi';

import { itemDigest } from '../fidelity/index.js';
import { PstWriter } from './index.js';
import { file, integer, mail, named, pattern, person } from './items.fixture.js';
import { MemoryTarget } from './memory-target.fixture.js';

const ITEMS = [
  mail('RE: golden', {
    recipients: [person(1, 'Ann', 'ann@example.org'), person(2, 'Bob', 'bob@example.org')],
    attachments: [file('a.bin', 20_000), { properties: [], embedded: mail('inner') }],
  }),
  mail('named', { associated: true }, [
    named({ set: PROPERTY_SET.common, lid: 0x8501 }, integer(0, 15)),
    named({ set: PROPERTY_SET.publicStrings, name: 'Colour' }, integer(0, 1)),
  ]),
];

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A part that is resumed by a newer release must go on as it began, and digests that were recorded must hold: if one of these changes,
 *  raise the version of checkpoints, and keep the digest of old items computable. */
describe('bytes that must stay as they are', () => {
  it.each([
    ['none', '957baa7c7e11af849836dbf7ea9f10b25307451df1d662a9acdaf76b167eaeaa'],
    ['permute', '73fca8bf949994ef7c2bf255cb5ef24901d50e3e37cc48b87666bb1ab7930810'],
  ] as const)('a small part with encoding %s', async (encoding, expected) => {
    const target = new MemoryTarget(1);
    const options = { recordKey: pattern(16, 4), displayName: 'Golden', createdAt: '2024-01-01T00:00:00Z', regionsPerExtent: 1, encoding };
    const writer = PstWriter.create(target, options);
    writer.ensureFolder({ key: 'k', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
    for (const item of ITEMS) await writer.addItem('k', item);
    await writer.seal();
    expect(sha256(target.file())).toBe(expected);
  });

  it('digests of items', () => {
    expect(ITEMS.map((item) => Buffer.from(itemDigest(item)).toString('hex'))).toEqual([
      '723035eb39090f92c3c2335154476a50',
      'd13b9b7b9294ec9960c53c904fc243c2',
    ]);
  });
});
