import { CUSTOMER, sceneOfSuite } from '../scene.fixture.js';

const { gateway, run } = sceneOfSuite();

describe('a name that nothing has', () => {
  it('is answered with those that look like it', async () => {
    expect(await run(['endpoint', 'rotate-secret', CUSTOMER, 'D1SK', '--secret-file', '-'], { stdin: 'x' })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('There is no endpoint "D1SK".\nDid you mean "disk"?'),
    });
    expect((await run(['endpoint', 'list', 'Fabrikam'])).stderr).toContain('It was looked for by id and by name');
  });
});

describe('a request that is refused', () => {
  it('is explained in terms of the options that were typed', async () => {
    const errors = ['region', 'credential.value', 'name', 'kind'].map((column) => ({
      column,
      code: 'field.x',
      message: `About ${column}.`,
    }));
    const body = { status: 400, code: 'request.invalid', title: 'Some fields are not right', detail: 'Correct them.', errors };
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoints`, { status: 400, body });
    const add = ['endpoint', 'add-destination', CUSTOMER, 'az', '--account', 'abc', '--region', 'x', '--secret-file', '-'];
    expect((await run(add, { stdin: 'k' })).stderr.split('\n').slice(0, 6)).toEqual([
      '--region: About region.',
      '--secret-file: About credential.value.',
      '<name>: About name.',
      'kind: About kind.',
      'Error: Some fields are not right.',
      'Correct what is named above. Nothing was changed.',
    ]);
    expect((await run(['project', 'options', 'Leavers', '--items-from', '31.1.2026'])).stderr).toContain(
      '--items-from: Give a day such as 2026-01-31.',
    );
  });
});
