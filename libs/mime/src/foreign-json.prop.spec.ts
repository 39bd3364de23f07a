import { encodeExportStream } from '@pstream/fasttransfer';
import { isFault } from '@pstream/kernel';
import fc from 'fast-check';
import { toMapiItem } from './convert.js';
import { extendedIds } from './extended.js';
import { FIELDS } from './fields.fixture.js';

// A reply is foreign: whatever stands in it, the outcome is an item that can be encoded, or a Fault.

const scalar = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    '2026-03-09T09:00:00Z',
    '9999-12-31T23:59:59.9999999',
    '0001-01-01T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    'UTC',
    'flagged',
    'html',
    'AAAA',
  ),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 8, noNullPrototype: true }),
}));
const object = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 16, noNullPrototype: true });
const classes = fc.constantFrom(
  ['message', 'IPM.Note'] as const,
  ['message', 'IPM.Note.SMIME'] as const,
  ['message', 'IPM.Schedule.Meeting.Request'] as const,
  ['contact', 'IPM.Contact'] as const,
  ['event', 'IPM.Appointment'] as const,
  ['task', 'IPM.Task'] as const,
);

describe('foreign JSON', () => {
  it('is an item or a fault, whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(classes, object, object, fc.array(scalar, { maxLength: 40 }), async ([kind, itemType], item, resource, values) => {
        const ids = extendedIds(kind, itemType);
        const singleValueExtendedProperties = values.map((each, n) => ({ id: ids[n % ids.length], value: each }));
        const mime = kind === 'message' ? { mime: Buffer.from('From: a@b.co\r\nSubject: x\r\n\r\ny') } : {};
        try {
          const made = await toMapiItem({ kind, itemType, item: { ...item, singleValueExtendedProperties }, resource, ...mime });
          expect(encodeExportStream(made).length).toBeGreaterThan(0);
        } catch (error) {
          expect(isFault(error) && error.code).toMatch(/^(mime|fallback)\./);
        }
      }),
      { numRuns: 400 },
    );
  });
});
