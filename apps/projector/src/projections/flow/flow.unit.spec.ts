import { expectDocument } from '@pstream/projections';
import { recorded } from '@pstream/testing';
import { flow } from './projection.js';

const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const slice = (at: string, items: number, bytes: number) => ({
  type: 'SliceExported',
  data: { ...refs, folderKey: 'f', page: 0, from: 0, items, bytes, skipped: 0, failed: 0, at },
});
const history = recorded('extraction', 'extraction:x', [
  slice('2026-03-01T10:07:01.000Z', 3, 30),
  slice('2026-03-01T10:07:59.999Z', 4, 40),
  { type: 'ExtractionWaited', data: { ...refs, waits: { tenant: { times: 2, ms: 500 } }, at: '2026-03-01T10:08:00.000Z' } },
  slice('2026-03-01T11:00:00.000Z', 5, 50),
]);

describe('the flow of a mailbox', () => {
  it('is kept by hour, and within it by minute', () => {
    expectDocument(flow, '2026-03-01T10/m')
      .after(...history)
      .toBe({
        projectId: 'p',
        customerId: 'c',
        mailboxJobId: 'm',
        hour: '2026-03-01T10',
        amounts: { '07.items': 7, '07.bytes': 70, '08.waits.tenant.times': 2, '08.waits.tenant.ms': 500 },
      });
    expectDocument(flow, '2026-03-01T11/m')
      .after(...history)
      .toBe({ projectId: 'p', customerId: 'c', mailboxJobId: 'm', hour: '2026-03-01T11', amounts: { '00.items': 5, '00.bytes': 50 } });
  });

  it('counts in the hour of its project, its customer and the workgroup', () => {
    const view = { projectId: 'p', customerId: 'c', mailboxJobId: 'm', hour: '2026-03-01T10', amounts: { '07.items': 7 } };
    expect(flow.announce?.(view, '2026-03-01T10/m').share).toEqual({
      scopes: ['2026-03-01T10/project:p', '2026-03-01T10/customer:c', '2026-03-01T10/workgroup'],
      amounts: { '07.items': 7 },
    });
  });
});
