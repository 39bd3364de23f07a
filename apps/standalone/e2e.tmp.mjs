import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CredentialsModule } from '@pstream/credentials';
import { ExtractorModule, extractorKeys } from '@pstream/extractor';
import { systemClock as clock, systemIds as ids, systemRandom as random } from '@pstream/kernel';
import { LicensingModule } from '@pstream/licensing';
import { jsonLog, nestLogger, PortsModule, readConfig, COMMANDS } from '@pstream/nest';
import { openEmbedded } from '@pstream/platform';
import { ProjectorModule } from '@pstream/projector';
import { ProjectsModule } from '@pstream/projects';
import { PstBuilderModule, builderKeys } from '@pstream/pst-builder';
import { LogServer } from '@pstream/transport';
import { lastValueFrom } from 'rxjs';
import { spawn } from 'node:child_process';
import { dumpTenant } from '@pstream/tenant-sim';
const OUT = process.argv[2], DUMP = process.argv[3], PART = Number(process.argv[4] ?? 10*2**30);
const log = jsonLog(process.stderr, clock, 'info');
const sim = spawn(process.execPath, ['apps/tenant-sim/dist/main.js', '--tenant', DUMP], { stdio: ['ignore', 'pipe', 'inherit'] });
const addr = JSON.parse(await new Promise(r => sim.stdout.once('data', d => r(d.toString()))));
const platform = await openEmbedded({ dir: OUT + '/.data', clock, ids, random, log });
const cfg = readConfig({ ...extractorKeys, ...builderKeys }, process.env);
class App {}
Module({ imports: [PortsModule.of(platform.ports), LicensingModule.with({ cards: 'trial' }), ProjectsModule, CredentialsModule, ExtractorModule.with(cfg), PstBuilderModule.with(cfg), ProjectorModule] })(App);
const app = await NestFactory.create(App, { logger: nestLogger(log), abortOnError: false });
app.connectMicroservice({ strategy: new LogServer({ transport: platform.transport, clock, failed: e => console.error('FAILED', e) }) });
await app.startAllMicroservices(); await app.init();
const commands = platform.ports.get(COMMANDS);
const send = async (p, body) => { const r = await lastValueFrom(commands.send(p, { meta: { commandId: ids.ulid(), by: 'e2e', at: clock.now() }, body })); if (!r.accepted) console.error(p, JSON.stringify(r)); return r; };
const t0 = performance.now();
const customerId = ids.ulid(), src = ids.ulid(), dst = ids.ulid();
await send('projects.CreateCustomer', { workgroupId: 'default', customerId, name: 'Demo' });
await send('licensing.PlaceOrder', { workgroupId: 'default', orderId: ids.ulid(), quantity: 50, payment: 'card' });
const ref = await platform.secrets.put('endpoint', addr.clientSecret);
await send('projects.AddEndpoint', { workgroupId: 'default', customerId, endpointId: src, name: 'src', config: { kind: 'microsoft-365', tenantId: addr.tenantId, clientId: addr.clientId, credential: { kind: 'secret', ref }, authorityUrl: addr.authorityUrl, graphUrl: addr.graphUrl } });
await send('projects.AddEndpoint', { workgroupId: 'default', customerId, endpointId: dst, name: 'dst', config: { kind: 'folder', path: OUT } });
const t = await dumpTenant(DUMP);
const jobs = [];
for (const [type, container, users] of [['mailbox', 'mailboxes', t.users.filter(u => u.primary)], ['archive', 'archives', t.users.filter(u => u.archive)]]) {
  if (users.length === 0) continue;
  const projectId = ids.ulid();
  await send('projects.CreateProject', { workgroupId: 'default', customerId, projectId, name: type, type, sourceEndpointId: src, destinationEndpointId: dst, container, partBytes: PART });
  const items = users.map(u => ({ mailboxJobId: ids.ulid(), source: u.userPrincipalName, destination: u.userPrincipalName.split('@')[0] + '.pst' }));
  await send('projects.AddLineItems', { projectId, items });
  await send('licensing.ApplyBundles', { workgroupId: 'default', customerId, users: users.map(u => u.userPrincipalName) });
  for (const it of items) { jobs.push(it.mailboxJobId); await send('projects.StartPass', { projectId, mailboxJobId: it.mailboxJobId, kind: 'full' }); }
}
for (;;) {
  await new Promise(r => setTimeout(r, 500));
  const { documents } = await platform.projections.find('mailboxes_v1', { limit: 100 });
  const st = {}; for (const d of documents) st[d.document.status] = (st[d.document.status] ?? 0) + 1;
  console.error(((performance.now() - t0) / 1000).toFixed(1), JSON.stringify(st));
  if (documents.length === jobs.length && documents.every(d => ['Completed', 'Completed with errors', 'Failed'].includes(d.document.status))) {
    for (const d of documents) console.log(d.document.source, d.document.status, JSON.stringify(d.document.totals), d.document.parts, JSON.stringify(d.document.cause));
    break;
  }
  if (performance.now() - t0 > 60000) { for (const d of documents) console.log(JSON.stringify(d.document)); break; }
}
const { documents: errs } = await platform.projections.find('item_errors_v1', { limit: 10 }); for (const e of errs) console.log(JSON.stringify(e.document));
await app.close(); await platform.close(); sim.kill();
