import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { apiClient, type ApiClient } from '@pstream/api/client';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { standaloneKeys, startSystem, type System } from '@pstream/standalone';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { readConfig } from '@pstream/wiring';
import { eventually } from '../support/eventually.js';
import { configuration, readReport, type Explained, type Finding } from './schemathesis.fixture.js';
import { describeWithTools, runToAnEnd, SCHEMATHESIS, writeDocument } from './tools.fixture.js';

jest.setTimeout(600_000);

const EXPLAINED = JSON.parse(readFileSync(join(import.meta.dirname, 'explained-findings.json'), 'utf8')) as readonly Explained[];
/** Bounds the time: cases for each operation, beside its examples. */
const MOST_CASES = 8;

describeWithTools('the API against Schemathesis', [SCHEMATHESIS], () => {
  let tenant: RunningTenant;
  let system: System;
  let client: ApiClient;
  let dir: string;
  let document: string;
  let config: string;

  beforeAll(async () => {
    dir = tempDir();
    document = writeDocument(dir);
    tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: 5, sizeProfile: 'tiny' }) });
    system = await startSystem(
      readConfig(standaloneKeys, {}, { dataDir: join(dir, 'data'), port: 0, cards: 'trial' }),
      { clock: systemClock, ids: systemIds, random: systemRandom, log: { write: () => undefined } },
      'inline',
    );
    client = apiClient({ url: system.url, token: system.firstToken ?? '', fetch, clock: systemClock, ids: systemIds });
    config = join(dir, 'schemathesis.toml');
    writeFileSync(config, await setScene(client, tenant, join(dir, 'out')));
  });
  afterAll(async () => {
    await system.close();
    await tenant.close();
  });

  /** Runs Schemathesis over some operations as the holder of a token. */
  const findingsOf = async (name: string, token: string, which: readonly string[]) => {
    const cwd = join(dir, name);
    mkdirSync(cwd);
    const report = join(cwd, 'report.ndjson');
    const fixed = ['--phases=examples,fuzzing', `--max-examples=${MOST_CASES}`, '--seed=20260131', '--continue-on-failure', '--no-color'];
    const reported = ['--report=ndjson', `--report-ndjson-path=${report}`, '--output-sanitize=true'];
    const to = ['run', document, `--url=${system.url}`, '--header', `Authorization: Bearer ${token}`];
    const output = await runToAnEnd(SCHEMATHESIS, ['--config-file', config, ...to, ...fixed, ...reported, ...which], { cwd });
    const read = readReport(report);
    if (read.errors.length > 0) throw new Error(`${JSON.stringify(read.errors)}\n${output.slice(-8_000)}`);
    return read;
  };
  const known = ({ operation, finding, status, code }: Finding): boolean =>
    EXPLAINED.some((one) => one.operation === operation && one.finding === finding && one.status === status && one.code === code);

  it('shows nothing that is not explained', async () => {
    // An endless answer, the one operation that would take the caller's own token away, and the one that calls whatever address it is given.
    const { findings, requests } = await findingsOf('all', system.firstToken ?? '', [
      '--exclude-operation-id=listenToEvents',
      '--exclude-operation-id=revokeToken',
      '--exclude-operation-id=testNewEndpoint',
    ]);
    expect(findings.filter((found) => !known(found))).toEqual([]);
    expect(requests.size).toBeGreaterThan(40);
  });

  it('shows nothing of the revocation of tokens either', async () => {
    const [{ token }, { tokenId }] = [
      await client.createToken({ body: { name: 'caller' } }),
      await client.createToken({ body: { name: 'revoked' } }),
    ];
    writeFileSync(config, configuration({ 'path.tokenId': tokenId }));
    const { findings, requests } = await findingsOf('tokens', token, ['--include-operation-id=revokeToken']);
    expect(findings.filter((found) => !known(found))).toEqual([]);
    expect([...requests.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1);
    expect((await client.listTokens()).items.map(({ name }) => name)).not.toContain('revoked');
  });

  it('is explained in a sentence each', () => {
    for (const { because } of EXPLAINED) expect(because).toMatch(/^[A-Z].{20,}\.$/);
  });
});

/** A mailbox that was exported on trial, and what leads to it; returns the configuration that names it all. */
const setScene = async (client: ApiClient, tenant: RunningTenant, out: string): Promise<string> => {
  const { id: customerId } = await client.createCustomer({ body: { name: 'Contoso' } });
  const params = { customerId };
  const { tenantId, clientId, graphUrl, authorityUrl, clientSecret } = tenant;
  const credential = { kind: 'secret', value: clientSecret } as const;
  const { id: sourceEndpointId } = await client.addEndpoint({
    params,
    body: { kind: 'microsoft-365', name: 'Tenant', tenantId, clientId, graphUrl, authorityUrl, credential },
  });
  const { id: destinationEndpointId } = await client.addEndpoint({ params, body: { kind: 'folder', name: 'Folder', path: out } });
  const order = await client.placeOrder({ body: { quantity: 100, payment: 'wire' } });
  const code = 'SPRING-2026';
  const coupon = await client.createCoupon({
    body: { code, terms: { kind: 'percent', percent: 20 }, expiresAt: '2099-01-01T00:00:00.000Z' },
  });
  const workgroup = await client.editWorkgroup({ body: { name: 'Contoso IT' } });
  const project = await client.createProject({
    params,
    body: { name: 'Leavers', type: 'mailbox', sourceEndpointId, destinationEndpointId },
  });
  const projectId = project.id;
  await client.getProject({ params: { projectId }, query: { atLeast: `${project.stream}:${project.version}` } });
  const source = 'user1@fabrikam.test';
  const added = await client.addMailboxes({ params: { projectId }, body: { items: [{ source, destination: 'user1.pst' }] } });
  const list = { params: { projectId }, query: { atLeast: `${added.stream}:${added.version}` } };
  const mailboxJobId = (await client.listMailboxes(list)).items[0]?.mailboxJobId ?? '';
  const { operationId } = await client.startPasses({ params: { projectId }, body: { kind: 'trial', mailboxes: 'all' }, waitSeconds: 20 });
  await eventually(
    () => client.getMailbox({ params: { mailboxJobId } }),
    ({ status }) => status === 'Completed',
  );
  const [part] = (await client.listProjectParts({ params: { projectId } })).items;
  const partId = part?.partId ?? '';
  const stream = `part:${partId}`;
  const viewing = await client.permitViewing({ params: { projectId }, body: { allowed: true } });
  await client.getProject({ params: { projectId }, query: { atLeast: `${viewing.stream}:${viewing.version}` } });
  const { items: messages } = await client.listPartMessages({ params: { mailboxJobId, partId }, query: { subject: 'e', limit: 1 } });
  const rule = await client.addSubscription({
    body: { name: 'Operations', kinds: ['pass.failed'], channel: { kind: 'mail', to: ['ada@contoso.com'] } },
  });
  const words = await client.editNoticeTemplate({ params: { kind: 'pass.failed' }, body: { subject: 'Failed: {mailbox}' } });
  const discovery = await client.createProject({ params, body: { name: 'Shares', type: 'discovery', destinationEndpointId } });
  const shares = { projectId: discovery.id };
  await client.getProject({ params: shares, query: { atLeast: `${discovery.stream}:${discovery.version}` } });
  const plan = { rows: 1, toUpload: 1, bytes: 1 };
  const run = await client.beginDiscoveryRun({ params: shares, body: { computer: 'pc7', destination: '/mnt/imports', plan } });
  const file = { path: '/a.pst', name: 'a.pst', owner: '', kind: 'pst', bytes: 1, state: 'uploaded', reason: '', sha256: null } as const;
  const report = await client.reportDiscoveredFiles({ params: { ...shares, runId: run.id }, body: { report: 1, files: [file] } });
  const { linkId, path } = await client.createReportLink({ params: { projectId }, body: {} });
  return configuration(
    {
      'path.customerId': customerId,
      'path.endpointId': sourceEndpointId,
      'path.projectId': projectId,
      'path.mailboxJobId': mailboxJobId,
      'path.partId': partId,
      'path.messageId': messages[0]?.messageId ?? '',
      'path.subscriptionId': rule.id,
      'path.kind': words.id,
      'path.linkId': linkId,
      'path.secret': path.slice(path.lastIndexOf('/') + 1),
      'path.operationId': operationId,
      'path.runId': run.id,
      'path.orderId': order.id,
      'path.code': code,
      'path.name': 'customers_v1',
    },
    {
      customer: `customer:${customerId}`,
      'licence-pool': order.stream,
      coupon: coupon.stream,
      workgroup: workgroup.stream,
      'notice-rules': rule.stream,
      'notice-templates': words.stream,
      part: stream,
      'item-errors': stream,
      'discovery-run': run.stream,
      'discovery-report': report.stream,
    },
    { of: /Discover/, parameters: { 'path.projectId': discovery.id } },
  );
};
