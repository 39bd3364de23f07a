import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditHash, auditLine, NO_RECORD, type StoredAudit } from '@pstream/contracts';
import { tempDir } from '@pstream/testing';
import { FakeGateway, runner, type Ended } from '../cli.fixture.js';
import { AT } from '../scene.fixture.js';

const gateway = new FakeGateway();
let run: (argv: readonly string[]) => Promise<Ended>;

const records: StoredAudit[] = [];
for (let seq = 1; seq <= 3; seq++) {
  const record = JSON.stringify({ chain: 'default', seq, at: AT, previous: records.at(-1)?.sha256 ?? NO_RECORD, is: 'ended' });
  records.push({ record, sha256: auditHash(record) });
}
const text = (lines: readonly StoredAudit[]): string => lines.map((line) => `${auditLine(line)}\n`).join('');
const head = (at: number): string => `${at}:${records[at - 1]?.sha256 ?? ''}`;

beforeAll(async () => {
  run = runner(await gateway.start());
  const action = {
    actionId: 'A',
    chain: 'default',
    seq: 1,
    at: AT,
    action: 'renameCustomer',
    who: { by: 'P', name: 'Ada', role: 'agent', signedInBy: 'token', tokenId: 'P', sessionId: null, agentId: null },
    person: 'P',
    from: { address: '127.0.0.1', forwardedFor: '203.0.113.7', userAgent: null, requestId: 'r' },
    object: { kind: 'customer', id: 'C', name: 'Contoso' },
    objectId: 'C',
    changes: [
      { field: 'name', old: 'Contoso', new: 'Fabrikam' },
      { field: 'value', old: null, new: null, secret: true },
    ],
    outcome: 'done',
    status: 200,
    code: null,
    endedAt: AT,
    count: 1,
  };
  gateway.list('/v1/audit', [action]);
  gateway.routes.set('GET /v1/audit.jsonl', { text: text(records) });
  gateway.routes.set('GET /v1/audit.csv', { text: '\uFEFFAt,Person\r\n' });
});
afterAll(() => gateway.stop());

describe('audit', () => {
  it('lists what was done, as it was asked for', async () => {
    gateway.got.length = 0;
    const { exitCode, stdout } = await run([
      'audit',
      'list',
      '--person',
      'P',
      '--from',
      '2026-01-01T01:00:00+01:00',
      '--outcome',
      'done',
      '--installation',
    ]);
    expect([exitCode, stdout]).toEqual([0, `${AT}\tP\t203.0.113.7\trenameCustomer\tC\tdone\t\t1\tname: Contoso > Fabrikam; value\n`]);
    expect(Object.fromEntries(gateway.got[0]?.query ?? [])).toEqual({
      person: 'P',
      from: '2026-01-01T00:00:00.000Z',
      outcome: 'done',
      limit: '100',
      of: 'installation',
    });
  });

  it('exports the records as they are stored, or a table', async () => {
    expect(await run(['audit', 'export'])).toMatchObject({ exitCode: 0, stdout: text(records) });
    expect(await run(['audit', 'export', '--csv', '--action', 'renameCustomer'])).toMatchObject({
      exitCode: 0,
      stdout: '\uFEFFAt,Person\r\n',
    });
    expect(gateway.got.at(-1)?.query.get('action')).toBe('renameCustomer');
    expect(await run(['audit', 'export', '--action', 'renameCustomer'])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('verifies what the gateway has, and a file', async () => {
    const whole = `Verdict\tok\nRecords\t3\nHead\t${head(3)}\nBreaks\t0\n`;
    expect(await run(['audit', 'verify'])).toEqual({ exitCode: 0, stdout: whole, stderr: '' });
    const file = join(tempDir(), 'audit.jsonl');
    writeFileSync(file, text(records));
    expect(await run(['audit', 'verify', file, '--head', head(2)])).toMatchObject({ exitCode: 0, stdout: whole });
    expect(JSON.parse((await run(['audit', 'verify', file, '--json'])).stdout)).toEqual({
      ok: true,
      records: 3,
      head: head(3),
      breaks: [],
    });
  });

  it.each([
    ['one that is missing', text(records.toSpliced(1, 1)), 'Record 2 is missing.'],
    ['one that was altered', text(records).replace('"ended"', '"begun"'), 'Record 1 is not as it was written.'],
    ['two that changed places', text([records[1]!, records[0]!, records[2]!]), 'Record 3 is where another one was.'],
    ['a line that is cut off', text(records).slice(0, -40), 'Record 3 is not as it was written.'],
  ])('finds %s', async (_what, content, said) => {
    const file = join(tempDir(), 'audit.jsonl');
    writeFileSync(file, content);
    const { exitCode, stderr, stdout } = await run(['audit', 'verify', file]);
    expect([exitCode, stderr]).toEqual([10, expect.stringContaining(said)]);
    expect(stdout).toContain('Verdict\tbroken\n');
  });

  it('finds what was taken from the end, by a head that was noted', async () => {
    const file = join(tempDir(), 'audit.jsonl');
    writeFileSync(file, text(records.slice(0, 2)));
    expect((await run(['audit', 'verify', file])).exitCode).toBe(0);
    expect(await run(['audit', 'verify', file, '--head', head(3)])).toMatchObject({ exitCode: 10, stderr: 'Record 3 is missing.\n' });
    expect(await run(['audit', 'verify', file, '--head', '3'])).toMatchObject({ exitCode: 2 });
    expect(await run(['audit', 'verify', join(tempDir(), 'none')])).toMatchObject({ exitCode: 2 });
  });
});
