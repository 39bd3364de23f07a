import { ReportHost } from './report-host.js';

describe('the host of reports', () => {
  it('is one however many reports come at once, and is gone when it is closed', async () => {
    const host = new ReportHost('shown');
    const [one, two] = await Promise.all([host.keep('a'), host.keep('b')]);
    expect(new URL(one).origin).toBe(new URL(two).origin);
    expect(await (await fetch(two)).text()).toBe('b');
    await host.close();
    for (const gone of [one, two]) await expect(fetch(gone)).rejects.toThrow();
  });
});
