import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MailboxView } from '@pstream/contracts';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { consoleOfSuite, describeBrowser, findingsOf, looksAgain, settles } from './browser.fixture.js';
import { tenantProject } from './project.fixture.js';

const USERS = ['ann@contoso.com', 'bob@contoso.com', 'cem@contoso.com'];

describeBrowser('plans and changes in a browser, without licences', () => {
  const { system, signedIn, signedInAs, looksSound } = consoleOfSuite({ PSTREAM_LICENCES: 'off' });
  let page: Page;
  let customerId: string;
  let projectId: string;
  let tenant: RunningTenant;
  const dialog = () => page.getByRole('dialog');
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const heading = (name: string | RegExp, on = page) => on.getByRole('heading', { level: 1, name });
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  const choose = async (menu: string, item: string): Promise<void> => {
    await page.getByRole('button', { name: menu, exact: true }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  const statusOf = async (user: string): Promise<unknown> =>
    (await system().api.all<{ source: string; status: string }>(`/projects/${projectId}/mailboxes`)).find(({ source }) => source === user)
      ?.status;

  beforeAll(async () => {
    const { make, shows } = system().api;
    const customer = await make('/customers', { name: 'Contoso' });
    await shows('/customers', customer);
    customerId = customer.id;
    const source = await make(`/customers/${customerId}/endpoints`, {
      name: 'Tenant',
      kind: 'microsoft-365',
      tenantId: 'contoso.onmicrosoft.com',
      clientId: '6f0d5c1e-6a4e-4f8c-9a53-0d8f6f0f3a11',
      credential: { kind: 'secret', value: 'not-a-real-secret' },
    });
    const target = await make(`/customers/${customerId}/endpoints`, { name: 'Folder', kind: 'folder', path: `${system().dir}/out` });
    const ends = { type: 'mailbox', sourceEndpointId: source.id, destinationEndpointId: target.id };
    const project = await make(`/customers/${customerId}/projects`, { ...ends, name: 'Leavers', container: 'leavers' });
    const other = await make(`/customers/${customerId}/projects`, { ...ends, name: 'Joiners', container: 'joiners' });
    await shows(`/projects/${project.id}`, project);
    await shows(`/projects/${other.id}`, other);
    projectId = project.id;
    const items = USERS.map((user) => ({ source: user, destination: `${user.split('@')[0]!}.pst` }));
    await shows(`/projects/${projectId}/mailboxes`, await make(`/projects/${projectId}/mailboxes`, { items }));
    tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: 60, sizeProfile: 'mail' }) });
    page = await signedIn();
  }, 120_000);
  afterAll(() => tenant.close());

  it('show nothing of licences', async () => {
    await page.getByRole('heading', { name: 'Services' }).waitFor();
    await settles(page);
    expect(await page.getByText(/licence|bundle/i).count()).toBe(0);
    await page.goto(`${system().url}/licences`);
    await page.getByText('This installation needs no licences: every pass can be started.').waitFor();
    expect(await findingsOf(page)).toEqual([]);
  });

  it('give a project a window and a limit', async () => {
    await page.getByRole('link', { name: 'Plans' }).click();
    await row('Leavers').getByText('any time').waitFor();
    await page.getByRole('button', { name: 'Plan of Leavers' }).click();
    await dialog().getByLabel('Most mailboxes at work at once').fill('0');
    await button('Save').click();
    await dialog().getByText(/1/).first().waitFor();
    await dialog().getByLabel('Most mailboxes at work at once').fill('4');
    await dialog().getByLabel('Begin mailboxes only at certain hours').check();
    await dialog().getByLabel('Time zone').selectOption('Europe/Berlin');
    for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']) await dialog().getByLabel(day).uncheck();
    await button('Save').click();
    await dialog().getByRole('alert').waitFor();
    await dialog().getByLabel('Fri').check();
    await dialog()
      .getByText(`pstream project plan ${projectId} --max-mailboxes 4 --window '20:00-06:00[Europe/Berlin]' --days fri`)
      .waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Save').click();
    await row('Leavers').getByText('20:00 to 06:00').waitFor();
    await row('Leavers').getByText('Europe/Berlin · Fri').waitFor();
  });

  it('pause a project, or all, with the reason, and have them go on', async () => {
    await page.getByRole('button', { name: 'Pause Leavers' }).click();
    await dialog().getByLabel('Reason').fill('Ours.');
    expect((await system().api.send('PATCH', `/projects/${projectId}/plan`, { maxMailboxes: 5 })).status).toBe(200);
    await looksAgain(page, 'Pause');
    await dialog().getByLabel('Reason').fill('The customer asked.');
    await dialog().getByText(`pstream project pause ${projectId} --reason 'The customer asked.'`).waitFor();
    await button('Pause').click();
    await row('Leavers').getByText('The customer asked.').waitFor();
    await page.getByRole('button', { name: 'Pause all projects…' }).click();
    await dialog().getByLabel('Reason').fill('The storage account is moved.');
    await button('Pause').click();
    await page.getByText(/Nothing is begun in any project, since/).waitFor();
    // By its role: as long as a dialog is closing, the page is hidden from readers of screens.
    await page.getByRole('button', { name: 'Resume all projects…' }).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Resume all projects…' }).click();
    await button('Resume').click();
    await page.getByText(/Nothing is begun in any project, since/).waitFor({ state: 'detached' });
    await row('Leavers').getByText('Paused').waitFor();
  });

  it('limit a source for all projects that read from it', async () => {
    await page.goto(`${system().url}/customers/${customerId}`);
    await page.getByRole('button', { name: 'Limit Tenant' }).click();
    await dialog().getByLabel('Most mailboxes at work at once').fill('6');
    await dialog()
      .getByText(new RegExp(`^pstream endpoint limit ${customerId} [0-9A-Z]{26} 6$`))
      .waitFor();
    await button('Save').click();
    await dialog().waitFor({ state: 'detached' });
    await page.goto(`${system().url}/plans`);
    await row('Joiners').getByText('source: 6').waitFor();
  });

  it('start a pass later, and before others', async () => {
    await page.goto(`${system().url}/projects/${projectId}`);
    await page.getByRole('checkbox', { name: `Select ${USERS[0]}` }).check();
    await choose('Actions', 'Full Migration…');
    await dialog().getByText('Later, or before others').click();
    const tomorrow = await page.evaluate<string>(
      `(() => { const at = new Date(Date.now() + 864e5); at.setMinutes(at.getMinutes() - at.getTimezoneOffset()); return at.toISOString().slice(0, 16); })()`,
    );
    await dialog().getByLabel('Start at').fill(tomorrow);
    await dialog()
      .getByText(/^Starts /)
      .waitFor();
    await dialog().getByLabel('Priority').fill('50');
    await dialog()
      .getByText(/--at \S+Z --priority 50 ann@contoso\.com$/)
      .waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Full Migration').click();
    await dialog().getByText('Accepted for 1 mailbox.').waitFor();
    await button('Close').click();
    await page.getByRole('gridcell', { name: 'Submitted', exact: true }).waitFor();
    await page.goto(`${system().url}/plans`);
    await row('Leavers').getByText('0 at work, 0 waiting, 1 submitted').waitFor();
  });

  it('mend the address of a mailbox, and say why one cannot be', async () => {
    await page.goto(`${system().url}/projects/${projectId}`);
    await page.getByRole('link', { name: USERS[1]! }).click();
    await heading(USERS[1]!).waitFor();
    await choose('More', 'Edit mailbox…');
    await dialog().getByLabel('Name of the PST').fill('ann.pst');
    await button('Save').click();
    await dialog()
      .getByText(/exists|taken|in use|another/i)
      .first()
      .waitFor();
    await dialog().getByLabel('Name of the PST').fill('robert.pst');
    await dialog().getByText(`pstream mailbox edit ${projectId} bob@contoso.com --destination robert.pst`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Save').click();
    await page.getByText('robert.pst').waitFor();
  });

  it('move, prioritise and remove mailboxes, with what became of each', async () => {
    await choose('More', 'Set priority…');
    await dialog().getByLabel('Priority').fill('-10');
    await button('Set priority').click();
    await dialog().getByText('Accepted for 1 mailbox.').waitFor();
    await button('Close').click();
    await choose('More', 'Move…');
    await dialog().getByLabel('To project').selectOption({ label: 'Joiners' });
    await button('Move').click();
    await dialog().getByText('Accepted for 1 mailbox.').waitFor();
    await button('Close').click();
    await page.goto(`${system().url}/projects/${projectId}`);
    await page.getByRole('checkbox', { name: 'Select the 2 shown' }).check();
    await choose('Actions', 'Remove…');
    await dialog().getByText(`pstream mailbox remove ${projectId} --all --yes`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Remove').click();
    await dialog().getByText('mailbox-job.pass-open').waitFor();
    await button('Close').click();
    await page.getByRole('link', { name: USERS[2]! }).waitFor({ state: 'detached' });
    expect(await statusOf(USERS[0]!)).toBe('Submitted');
  });

  it('delete PSTs only for somebody who types the name of the project', async () => {
    await page.getByRole('checkbox', { name: `Select ${USERS[0]}` }).check();
    await choose('Actions', 'Start over…');
    await dialog().getByLabel('PSTs written so far').selectOption('delete');
    expect(await button('Start over').isDisabled()).toBe(true);
    await dialog()
      .getByLabel(/type the name of the project/)
      .fill('Leavers');
    // Whether it is the only one left, the page may not know yet.
    await dialog()
      .getByText(new RegExp(`^pstream export start-over ${projectId} (--all|ann@contoso.com) --delete-parts --yes$`))
      .waitFor();
    expect(await button('Start over').isEnabled()).toBe(true);
    await button('Cancel').click();
  });

  it('edit a project, an endpoint and a customer, and remove what nothing needs', async () => {
    await choose('More', 'Edit project…');
    await dialog().getByLabel('Name').fill('Leavers 2026');
    await dialog().getByLabel('Part size in GiB').fill('2');
    await dialog()
      .getByText(`pstream project rename ${projectId} 'Leavers 2026' && pstream project edit ${projectId} --part-size 2GiB`)
      .waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Save').click();
    await heading('Leavers 2026').waitFor();
    expect((await system().api.get(`/projects/${projectId}`)).body).toMatchObject({ partBytes: 2_147_483_648 });
    await choose('More', 'Remove project…');
    await button('Remove').click();
    await dialog().getByText('project.not-empty').waitFor();
    await button('Cancel').click();
    await page.goto(`${system().url}/customers/${customerId}`);
    await page.getByRole('button', { name: 'Edit Folder' }).click();
    await dialog().getByLabel('Name').fill('Exports');
    await button('Save').click();
    await page.getByText('Exports', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove Exports' }).click();
    await button('Remove').click();
    await dialog().getByText('endpoint.in-use').waitFor();
    await button('Cancel').click();
    await choose('More', 'Rename customer…');
    await dialog().getByLabel('Name').fill('Contoso Ltd');
    await button('Save').click();
    await heading('Contoso Ltd').waitFor();
    await choose('More', 'Remove customer…');
    await button('Remove').click();
    await dialog().getByText('customer.not-empty').waitFor();
    await button('Cancel').click();
    const empty = await system().api.make('/customers', { name: 'Nobody' });
    await system().api.shows('/customers', empty);
    await page.goto(`${system().url}/customers/${empty.id}`);
    await heading('Nobody').waitFor();
    await choose('More', 'Remove customer…');
    await button('Remove').click();
    await heading('Customers').waitFor();
    expect(await page.getByText('Nobody').count()).toBe(0);
  });

  it('resume a pass under another PST name, past a file of somebody else', async () => {
    const { api, dir, url } = system();
    const { projectId: own } = await tenantProject(system(), tenant, {
      customer: 'Fabrikam',
      users: ['user1@fabrikam.test'],
      partBytes: 1024 ** 2,
    });
    const mailbox = (): Promise<MailboxView> => api.all<MailboxView>(`/projects/${own}/mailboxes`).then(([one]) => one!);
    const ends = async (kind: string, wanted: MailboxView['status']): Promise<MailboxView> => {
      await api.post(`/projects/${own}/passes`, { kind, mailboxes: 'all' });
      return eventually(mailbox, ({ status }) => status === wanted);
    };
    await ends('verify', 'Verified');
    const foreign = join(dir, 'out', 'leavers', 'user1.002.pst');
    mkdirSync(dirname(foreign), { recursive: true });
    writeFileSync(foreign, 'somebody else');
    const { mailboxJobId } = await ends('full', 'Failed');
    await page.goto(`${url}/mailboxes/${mailboxJobId}`);
    await page.getByText('part.foreign-blob').waitFor();
    await page.getByRole('button', { name: 'Resume…' }).click();
    await dialog().getByRole('checkbox', { name: 'Take the next free PST name' }).check();
    await dialog()
      .getByText(/^pstream export resume [0-9A-Z]{26} --rename user1@fabrikam.test$/)
      .waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Resume').click();
    await dialog().getByText('1 mailbox has another PST name from now on:').waitFor();
    await dialog().getByText('user1-2.pst').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Close').click();
    await eventually(mailbox, ({ status }) => status === 'Completed');
    await page.getByText('user1-2.pst').waitFor();
    expect(readFileSync(foreign, 'utf8')).toBe('somebody else');
  }, 120_000);

  it('are only looked at by a viewer, with the reason', async () => {
    const viewer = await signedInAs('viewer');
    await viewer.getByRole('link', { name: 'Plans' }).click();
    await viewer.getByText(/You can see when exports run but not change it: your role is Viewer/).waitFor();
    await viewer.getByRole('row').filter({ hasText: 'Leavers 2026' }).waitFor();
    expect(await viewer.getByRole('button', { name: /Plan|Pause (Leavers|all)|More/ }).count()).toBe(0);
    await viewer.goto(`${system().url}/customers/${customerId}`);
    await heading('Contoso Ltd', viewer).waitFor();
    expect(await viewer.getByRole('button', { name: /^(More|Edit|Remove)/ }).count()).toBe(0);
  });

  looksSound(() => ['/plans', `/customers/${customerId}`, `/projects/${projectId}`]);
});
