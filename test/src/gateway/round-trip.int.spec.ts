import { startGateway, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

describe('a Bulk Add file', () => {
  it('that Excel wrote as Unicode text comes out as MigrationWiz has it, and is taken again', async () => {
    const text =
      'SOURCE EMAIL\tDestination Email\tFlags\r\n"ada@contoso.com"\tÄda, "1".pst\t0\r\nben@contoso.com\tben.pst\t\r\n'.replaceAll('"', '');
    const { projectId } = await projectIn(gateway);
    const csv = { 'content-type': 'text/csv' };
    const added = await gateway.call('POST', `/v1/projects/${projectId}/mailboxes`, Buffer.from(`\uFEFF${text}`, 'utf16le'), csv);
    expect(added).toMatchObject({ status: 201, body: { added: 2, refused: 0 } });

    const file = await gateway.download(`/v1/projects/${projectId}/mailboxes.csv`);
    expect(file.split('\r\n')).toEqual([
      '\uFEFFSource Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags',
      'ada@contoso.com,,,"Äda, 1.pst",,,',
      'ben@contoso.com,,,ben.pst,,,',
      '',
    ]);

    const other = await projectIn(gateway);
    expect((await gateway.call('POST', `/v1/projects/${other.projectId}/mailboxes`, file)).body).toMatchObject({ added: 2, errors: [] });
    expect(await gateway.download(`/v1/projects/${other.projectId}/mailboxes.csv`)).toBe(file);
    expect((await gateway.call('GET', '/v1/projects/nobody/mailboxes.csv')).body).toMatchObject({ status: 404, code: 'project.unknown' });
  });
});
