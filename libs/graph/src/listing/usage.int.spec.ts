import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UsageReport } from '../client.js';
import { connectToFake, faultOf, graphError, startFake, type FakeServer, type Reply } from '../fake-graph.fixture.js';
import { isReportHost } from '../http/origin.js';

const HEADER = 'Report Refresh Date,User Principal Name,Display Name,Is Deleted,Item Count,Storage Used (Byte),Has Archive,Report Period';

describe('the usage report', () => {
  let graph: FakeServer | undefined;
  let host: Server;
  let file: { status: number; body: string };
  const got: (string | undefined)[] = [];
  beforeEach(async () => {
    got.length = 0;
    file = { status: 200, body: '' };
    host = createServer(({ headers }, response) => {
      got.push(headers.authorization);
      response.writeHead(file.status).end(file.body);
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    host.closeAllConnections();
    host.close();
    await graph?.close();
  });
  const here = (): string => `http://127.0.0.1:${String((host.address() as AddressInfo).port)}/data/x`;
  const leads = (location: string): Reply => ({ status: 302, headers: { location } });
  const usage = async (reply: Reply): Promise<UsageReport> => {
    graph = await startFake(() => reply);
    return connectToFake(graph).client.usage();
  };

  it('is fetched from another host, without the token, and read by the names of its columns', async () => {
    file.body = [
      `\uFEFF${HEADER}`,
      '2026-11-28,Ann@contoso.com,"Ann, ""A""",False,28114,2147483648,True,7',
      '2026-11-28,bob@contoso.com,Bob,False,0,0,,7',
      '2026-11-28,gone@contoso.com,Gone,True,3,100,False,7',
      '2026-11-28,odd@contoso.com,Odd,False,,n/a,False,7',
      '',
    ].join('\r\n');
    const { asOf, concealed, mailboxes } = await usage(leads(here()));
    expect([asOf, concealed]).toEqual(['2026-11-28', false]);
    expect([...mailboxes]).toEqual([
      ['ann@contoso.com', { items: 28_114, bytes: 2_147_483_648, hasArchive: true }],
      ['bob@contoso.com', { items: 0, bytes: 0, hasArchive: null }],
    ]);
    expect(got).toEqual([undefined]);
    expect(graph?.requests.map(({ path }) => path)).toEqual(["/v1.0/reports/getMailboxUsageDetail(period='D7')"]);
  });

  it('names nobody where names are concealed', async () => {
    file.body = `${HEADER}\n2026-11-28,0A1B2C3D4E5F60718293A4B5C6D7E8F9,0A1B,False,1,100,False,7\n`;
    expect(await usage(leads(here()))).toMatchObject({ concealed: true, mailboxes: new Map() });
  });

  it.each([['https://evil.example/x'], ['http://localhost:1/x'], ['https://127.0.0.1/x'], ['http://a:b@127.0.0.1/x'], ['/relative'], ['']])(
    'is not fetched from %s',
    async (location) => {
      expect((await faultOf(usage(leads(location)))).code).toBe('graph.foreign-url');
      expect(got).toEqual([]);
    },
  );

  it('says what is missing where it is refused or not there', async () => {
    const refused = await faultOf(usage(graphError(403, 'Authorization_RequestDenied')));
    expect(refused).toMatchObject({ code: 'usage-report.forbidden', retry: 'never', advice: expect.stringContaining('Reports.Read.All') });
    await graph?.close();
    expect(await faultOf(usage(graphError(404, 'ResourceNotFound')))).toMatchObject({ code: 'usage-report.absent' });
  });

  it('is not believed where it is something else', async () => {
    file.body = 'a,b\n1,2\n';
    expect((await faultOf(usage(leads(here())))).code).toBe('graph.bad-reply');
    file.body = `${HEADER}\n2026-11-28,ann@contoso.com,"Ann,False,1,100,False,7\n`;
    await graph?.close();
    const damaged = await faultOf(usage(leads(here())));
    expect([damaged.code, damaged.facts]).toEqual(['graph.bad-reply', { expected: 'a usage report as CSV' }]);
    file = { status: 404, body: '' };
    await graph?.close();
    expect((await faultOf(usage(leads(here())))).code).toBe('graph.bad-reply');
  });
});

describe('hosts of reports', () => {
  const graph = new URL('https://graph.microsoft.com');
  it.each([
    ['https://reports.office.com/data/download/x', true],
    ['https://reportsweu.office.com/data/download/x', true],
    ['http://reports.office.com/x', false],
    ['https://reports.office.com:8443/x', false],
    ['https://reports.office.com.evil.example/x', false],
    ['https://evil-reports.office.com.x/x', false],
    ['https://x.reports.office.com/x', false],
    ['https://127.0.0.1/x', false],
  ])('%s: %s', (url, allowed) => expect(isReportHost(new URL(url), graph)).toBe(allowed));
});
