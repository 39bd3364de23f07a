import { noItems, VIEWS } from '@pstream/contracts';
import { startGateway, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const folder = (name: string, expected: number, more: object = {}) => ({
  name,
  parent: null,
  containerClass: 'IPF.Note',
  wellKnownName: null,
  expected,
  left: null,
  totals: noItems,
  mime: 0,
  notListed: null,
  ...more,
});

describe('a preview of options', () => {
  it('counts what filters and mappings match in folders that are known, in every language', async () => {
    const { projectId } = await projectIn(gateway);
    const path = `/v1/projects/${projectId}`;
    const rows = ['ada', 'ben', 'cleo'].map((name) => ({ source: `${name}@contoso.com`, destination: `${name}.pst` }));
    await gateway.call('POST', `${path}/mailboxes`, { items: rows });
    const { body: list } = await gateway.call('GET', `${path}/mailboxes`);
    const [ada = '', ben = ''] = (list['items'] as { mailboxJobId: string }[]).map(({ mailboxJobId }) => mailboxJobId);
    const put = (mailboxJobId: string, folders: object): Promise<void> =>
      gateway.put(VIEWS.folders, mailboxJobId, { mailboxJobId, projectId, folders });
    await put(ada, {
      a: folder('Posteingang', 1_000, { wellKnownName: 'inbox' }),
      b: folder('Projekte', 200, { parent: 'a' }),
      c: folder('Alle', 9_999, { left: 'search-folder' }),
    });
    await put(ben, {
      a: folder('Inbox', 4, { wellKnownName: 'inbox' }),
      b: folder('Old', 7, { left: 'filtered' }),
    });

    const preview = (options: object) => gateway.call('POST', `${path}/options/preview`, options);
    expect((await preview({ folderFilter: ['^#Inbox#', '^Nowhere$'], folderMapping: ['^Old->#Inbox#/Old'] })).body).toEqual({
      mailboxes: 3,
      listed: 2,
      folders: 4,
      items: 1_211,
      filters: [
        {
          rule: '^#Inbox#',
          folders: 3,
          items: 1_204,
          mailboxes: 2,
          examples: [
            { mailboxJobId: ada, path: 'Posteingang' },
            { mailboxJobId: ada, path: 'Posteingang/Projekte' },
            { mailboxJobId: ben, path: 'Inbox' },
          ],
        },
        { rule: '^Nowhere$', folders: 0, items: 0, mailboxes: 0, examples: [] },
      ],
      mappings: [
        {
          rule: '^Old->#Inbox#/Old',
          folders: 1,
          items: 7,
          mailboxes: 1,
          examples: [{ mailboxJobId: ben, path: 'Old', target: 'Inbox/Old' }],
        },
      ],
      skipped: { folders: 3, items: 1_204 },
    });
    expect((await gateway.call('GET', path)).body).toMatchObject({ options: {} });
    await put(ben, { a: folder(`${'a'.repeat(60)}!`, 1) });
    expect(await preview({ folderFilter: ['^(a+)+$'] })).toMatchObject({ status: 400, body: { code: 'filter.too-slow' } });
    expect((await gateway.call('POST', '/v1/projects/nobody/options/preview', {})).body).toMatchObject({ code: 'project.unknown' });
  }, 20_000);
});
