import { itemTypes, VIEWS } from '@pstream/contracts';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const items = ({ body }: Reply): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

describe('the statistics report of a project', () => {
  it('is a CSV file with a row for each mailbox, whether anything was done with it or not', async () => {
    const { projectId } = await projectIn(gateway);
    await call('POST', `/v1/projects/${projectId}/mailboxes`, {
      items: [
        { source: 'ada@contoso.com', destination: 'ada.pst' },
        { source: 'eve@contoso.com', destination: 'eve.pst' },
      ],
    });
    const [ada, eve] = items(await call('GET', `/v1/projects/${projectId}/mailboxes?sort=source`)).map(({ mailboxJobId }) =>
      String(mailboxJobId),
    );
    const counted = { exported: { items: 2, bytes: 30 }, failed: { items: 0, bytes: 0 }, skipped: { items: 0, bytes: 0 } };
    const pace = { activeMs: 60_000, passiveMs: 0, items: 2, bytes: 1_048_576 };
    const types = Object.fromEntries(itemTypes.map((type) => [type, counted]));
    await gateway.put(VIEWS.statistics, eve!, { mailboxJobId: eve, migrations: 1, types, total: counted, source: pace, destination: pace });
    const response = await fetch(`${gateway.url}/v1/projects/${projectId}/statistics.csv`, {
      headers: { authorization: `Bearer ${gateway.token}` },
    });
    expect([response.status, response.headers.get('content-type'), response.headers.get('content-disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="statistics.csv"',
    ]);
    const [header, ...rows] = Buffer.from(await response.arrayBuffer())
      .toString()
      .split('\r\n');
    expect(header).toMatch(/^\uFEFFMailbox Id,Source Email Address,/);
    const zeros = (cells: number): string => Array(cells).fill('0').join(',');
    expect(rows).toEqual([
      `${ada},ada@contoso.com,ada.pst,${zeros(32)},${zeros(4)},0,,0,0,0,,Not Submitted,`,
      `${eve},eve@contoso.com,eve.pst,${zeros(4)},${Array(7).fill('2,30,0,0').join(',')},1,0,60,120,1,0,60,120,1,,Not Submitted,`,
      '',
    ]);
    expect((await call('GET', '/v1/projects/nobody/statistics.csv')).body).toMatchObject({ status: 404, code: 'project.unknown' });
  });
});
