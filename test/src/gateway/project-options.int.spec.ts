import { startGateway, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const call: RunningGateway['call'] = (...given) => gateway.call(...given);

describe('advanced options of a project', () => {
  it('are replaced as a whole, and shown', async () => {
    const { projectId } = await projectIn(gateway);
    const path = `/v1/projects/${projectId}`;
    expect((await call('GET', path)).body['options']).toEqual({});
    const options = { itemTypes: ['email'], itemsFrom: '2020-01-01', folderFilter: ['^Inbox/'], folderMapping: ['^Sent->Old/Sent'] };
    expect(await call('POST', `${path}/options`, options)).toMatchObject({
      status: 200,
      body: { id: projectId, stream: `project:${projectId}` },
    });
    expect((await call('GET', path)).body['options']).toEqual(options);
    await call('POST', `${path}/options`, {});
    expect((await call('GET', path)).body['options']).toEqual({});
  });

  it('tell what is wrong with an expression or a mapping', async () => {
    const { projectId } = await projectIn(gateway);
    const wrong = { folderFilter: ['^Inbox/', '(Inbox'], folderMapping: ['Inbox'], itemsFrom: 'yesterday' };
    const { status, body } = await call('POST', `/v1/projects/${projectId}/options`, wrong);
    expect([status, body['code']]).toEqual([400, 'request.invalid']);
    expect((body['errors'] as { column: string }[]).map(({ column }) => column).toSorted()).toEqual([
      'folderFilter.1',
      'folderMapping.0',
      'itemsFrom',
    ]);
  });
});
