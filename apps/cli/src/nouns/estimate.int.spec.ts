import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { FakeGateway, runner, type Ended, type RunOptions } from '../cli.fixture.js';
import { PROJECT, setScene } from '../scene.fixture.js';

const gateway = new FakeGateway();
let run: (argv: readonly string[], options?: RunOptions) => Promise<Ended>;
beforeAll(async () => {
  run = runner(await gateway.start());
  setScene(gateway);
  gateway.routes.set(`POST /v1/projects/${PROJECT}/estimate`, { body: estimate });
});
afterAll(() => gateway.stop());

const range = (expected: number) => ({ low: expected * 0.9, expected, high: expected * 1.1 });
const estimate = {
  projectId: PROJECT,
  at: '2026-03-01T00:00:00.000Z',
  region: 'westeurope',
  tier: 'hot',
  redundancy: 'LRS',
  currency: 'EUR',
  months: 12,
  sizes: { asOf: '2026-02-27', concealed: false, problem: null, known: 2, unknown: 1 },
  ratio: { low: 1, expected: 1.15, high: 1.5, from: 'assumed', passes: 0 },
  mailboxBytes: 2_000_000_000,
  pstBytes: range(2_300_000_000),
  parts: range(2),
  operations: { writes: range(300), reads: range(2_300), other: null },
  written: { pstBytes: 0, parts: 0 },
  licences: { users: 3, covered: 1, needed: 2 },
  duration: { shortestSeconds: 600, longestSeconds: null, from: 'the limits of Microsoft 365 on requests alone' },
  prices: { from: 'Azure retail prices', asOf: '2026-01-01' },
  lines: [
    { what: 'capacity', quantity: range(2.1), unit: 'GiB', once: null, monthly: range(0.042), from: 'bytes', unknown: null },
    { what: 'other', quantity: null, unit: 'operations', once: null, monthly: null, from: 'leases', unknown: 'no row' },
  ],
  once: null,
  monthly: range(0.042),
  total: range(0.504),
  complete: false,
  notes: ['Sizes are those of whole mailboxes of now.'],
  mailboxes: [
    {
      mailboxJobId: 'M',
      source: 'ada@contoso.com',
      mailboxBytes: 2_000_000_000,
      items: 9,
      from: 'usage-report',
      pstBytes: range(2_300_000_000),
      writtenBytes: 0,
      writtenParts: 0,
    },
    {
      mailboxJobId: 'N',
      source: '=ben@contoso.com',
      mailboxBytes: null,
      items: null,
      from: null,
      pstBytes: null,
      writtenBytes: 0,
      writtenParts: 0,
    },
  ],
};
const sent = (): unknown => JSON.parse(gateway.changes.at(-1)?.body ?? '');

describe('estimate', () => {
  it('shows what is known, from where, and what is not', async () => {
    const { exitCode, stdout, stderr } = await run(['estimate', 'Leavers', '--currency', 'EUR', '--months', '12'], { tty: true });
    expect(exitCode).toBe(0);
    for (const text of [
      '2.3 GB (2.1 GB to 2.5 GB)',
      '1.15 (assumed; a Trial measures it)',
      'not known',
      '0.50 EUR (0.45 EUR to 0.55 EUR)',
      '10 min',
      'no row',
    ])
      expect(stdout).toContain(text);
    expect(stderr).toContain('Not every size and price is known');
    expect(sent()).toEqual({ currency: 'EUR', tier: 'hot', redundancy: 'LRS', months: 12 });
    const plain = await run(['estimate', 'Leavers']);
    expect(plain.stdout).toContain('PST bytes\t2300000000\n');
    expect(plain.stdout).toContain('Other requests\t\n');
    expect(JSON.parse((await run(['estimate', 'Leavers', '--json'])).stdout)).toEqual(estimate);
  });

  it('is what a start says that is only tried', async () => {
    const { exitCode, stdout } = await run(['export', 'start', 'Leavers', '--dry-run']);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('PST bytes\t2300000000\n')]);
    expect(gateway.got.some(({ path }) => path.endsWith('/passes'))).toBe(false);
  });

  it('writes a CSV file in which nothing that is unknown is a number', async () => {
    const { stdout } = await run(['estimate', 'Leavers', '--csv']);
    expect(stdout).toContain('mailbox,ada@contoso.com,2070000000,2300000000,2530000000');
    expect(stdout).toContain("mailbox,'=ben@contoso.com,,,,PST bytes,0,not known\r\n");
    expect(stdout).toContain('cost,other,,,,EUR once,,no row\r\n');
    expect((await run(['estimate', 'Leavers', '--csv', '--json'])).exitCode).toBe(2);
  });

  it('takes prices from Azure or from a file, as the list or as its rows', async () => {
    await run(['estimate', 'Leavers', '--prices', 'online']);
    expect(sent()).toMatchObject({ prices: 'online' });
    const row = {
      meterName: 'Hot LRS Data Stored',
      productName: 'General Block Blob v2',
      skuName: 'Hot LRS',
      serviceName: 'Storage',
      armRegionName: 'westeurope',
      currencyCode: 'EUR',
      retailPrice: 0.02,
      tierMinimumUnits: 0,
      unitOfMeasure: '1 GB/Month',
    };
    const file = join(tempDir(), 'prices.json');
    for (const content of [[row], { Items: [row], NextPageLink: null }]) {
      writeFileSync(file, JSON.stringify(content));
      await run(['estimate', 'Leavers', '--prices', file]);
      expect(sent()).toMatchObject({ prices: { rows: [row] } });
    }
    const before = gateway.changes.length;
    for (const [content, why] of [
      ['{', 'It is not JSON.'],
      ['{"Items":[{"meterName":"x"}]}', 'It has no rows'],
      ['[]', 'It has 0 rows'],
    ] as const) {
      writeFileSync(file, content);
      const { exitCode, stderr } = await run(['estimate', 'Leavers', '--prices', file]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(why)]);
    }
    expect((await run(['estimate', 'Leavers', '--prices', join(tempDir(), 'none')])).stderr).toContain('cannot be read');
    for (const wrong of [
      ['--currency', 'euro'],
      ['--months', '0'],
      ['--tier', 'archive'],
      ['--redundancy', 'RA-GRS'],
    ])
      expect((await run(['estimate', 'Leavers', ...wrong])).exitCode).toBe(2);
    expect(gateway.changes).toHaveLength(before);
  });
});
