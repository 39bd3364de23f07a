import { CHECK_STEPS, type AccountFacts, type CheckStep, type PartStore } from '@pstream/blob';
import {
  endpointStream,
  type Destination,
  type EndpointConfig,
  type EndpointTestStep,
  type Microsoft365Source,
  type TestEndpoint,
  type TestEndpointReply,
} from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { decodeExportStream } from '@pstream/fasttransfer';
import { PROBE_STEPS, probeMailbox, type GraphClient, type ProbeStep } from '@pstream/graph';
import { Fault, isFault, type Clock } from '@pstream/kernel';

/** What a test of an endpoint needs of the world. Both are to say soon what is wrong, and not to try for long. */
export type EndpointTestPorts = {
  readonly store: EventStore;
  readonly clock: Clock;
  tenant(source: Microsoft365Source): Promise<GraphClient>;
  destination(destination: Destination, container: string): Promise<PartStore>;
};

/** Whoever asks waits for the answer. */
const LONGEST_MS = 25_000;

const TOO_SLOW = {
  code: 'endpoint.test-too-slow',
  advice: 'There was no answer in time. Look whether this machine reaches the service, and test again.',
} as const;

type Rows = { readonly steps: EndpointTestStep[]; mailbox: string | null };
type Outcome = Omit<EndpointTestStep, 'step' | 'name'>;

/** Tries each step of an export in its smallest form, and says of each whether it worked. Nothing is recorded. Fault
 *  'endpoint.unknown' (never). */
export const testEndpoint = async (
  ports: EndpointTestPorts,
  { endpoint, mailbox, container }: TestEndpoint,
): Promise<TestEndpointReply> => {
  const config = endpoint.is === 'given' ? endpoint.config : await recordedEndpoint(ports.store, endpoint.endpointId);
  const stop = new AbortController();
  const timer = new AbortController();
  const late = ports.clock.sleep(LONGEST_MS, timer.signal).then(
    () => stop.abort(new Fault(TOO_SLOW.code, { retry: 'now', advice: TOO_SLOW.advice })),
    () => undefined,
  );
  const rows: Rows = { steps: [], mailbox: null };
  try {
    if (config.kind === 'microsoft-365') await testSource(ports, config, mailbox, rows, stop.signal);
    else await testDestination(ports, config, container, rows, stop.signal);
  } finally {
    timer.abort();
    await late;
  }
  return rows;
};

/** The settings of an endpoint of now. Fault 'endpoint.unknown' (never). */
export const recordedEndpoint = async (store: EventStore, endpointId: string): Promise<EndpointConfig> => {
  const events = await store.read(endpointStream(endpointId));
  const last = events.findLast(({ type }) => type !== 'EndpointSecretRotated');
  if (last?.type === 'EndpointAdded' || last?.type === 'EndpointEdited') return last.data.config;
  throw new Fault('endpoint.unknown', { retry: 'never', facts: { endpointId } });
};

const add = ({ steps }: Rows, name: string, outcome: Outcome): void => void steps.push({ step: steps.length + 1, name, ...outcome });

const passed = (found: string | null): Outcome => ({ verdict: 'pass', code: null, found, advice: null });
const skipped = (found: string): Outcome => ({ verdict: 'skipped', code: null, found, advice: null });
const failed = ({ code, advice }: Fault): Outcome => ({ verdict: 'fail', code, found: null, advice: advice ?? null });

/** What could not be done, as a row; an abort counts as its reason, defects pass. */
const attempt = async <T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly failure: Outcome }> => {
  try {
    return { value: await work() };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { failure: failed(error) };
  }
};

const testSource = async (
  ports: EndpointTestPorts,
  source: Microsoft365Source,
  mailbox: string | undefined,
  rows: Rows,
  signal: AbortSignal,
): Promise<void> => {
  const opened = await attempt(() => ports.tenant(source));
  if ('failure' in opened) return add(rows, PROBE_STEPS[0], opened.failure);
  const client = opened.value;
  const { outOfScope } = source;
  const options = {
    chosen: (address: string): void => void (rows.mailbox = address),
    wantArchive: false,
    ...(outOfScope === undefined ? {} : { outOfScope }),
    // To read an item is to look into somebody's mail: only where somebody said whose.
    ...(mailbox === undefined ? {} : { userPrincipalName: mailbox, decode: (bytes: Uint8Array): void => void decodeExportStream(bytes) }),
  };
  rows.mailbox = mailbox ?? null;
  let done = 0;
  try {
    const probed = await attempt(async () => {
      for await (const probe of probeMailbox(client, options, signal)) {
        done++;
        if (probe.name === 'archive') continue;
        add(rows, probe.name, sourceRow(probe, rows.mailbox, mailbox !== undefined));
      }
    });
    if ('failure' in probed) add(rows, PROBE_STEPS[done] ?? 'test', probed.failure);
  } finally {
    await client.close();
  }
};

const sourceRow = ({ name, verdict, code, advice, facts }: ProbeStep, mailbox: string | null, named: boolean): Outcome => {
  if (name === 'export' && !named && verdict === 'skipped' && facts['because'] === 'no item was to be exported')
    return skipped('To have one item exported, and dropped again, name a mailbox.');
  if (verdict === 'skipped') return skipped(String(facts['because'] ?? ''));
  return { verdict, code: code ?? null, found: verdict === 'pass' ? foundBy(name, facts, mailbox) : null, advice: advice ?? null };
};

const foundBy = (name: string, facts: ProbeStep['facts'], mailbox: string | null): string | null => {
  switch (name) {
    case 'sign in':
      return `The token lasts ${String(facts['expiresInS'])} seconds.`;
    case 'permissions':
      return 'All that an export needs, and none that can change anything. Exchange Web Services are not used, so they need not be on.';
    case 'find user':
      return mailbox;
    case 'mailboxes':
      return facts['archive'] === null ? 'A mailbox without an archive.' : 'A mailbox and its archive.';
    case 'folders':
      return `${String(facts['folders'])} folders were seen.`;
    case 'item':
      return `The smallest item has ${String(facts['sizeBytes'])} bytes.`;
    case 'export':
      return `One item came as ${String(facts['exportedBytes'])} bytes, which can be read.`;
    case 'scope':
      return 'The app cannot read the mailbox that it must not reach.';
    default:
      return null;
  }
};

const NOT_TRIED = 'An earlier step failed.';

const testDestination = async (
  ports: EndpointTestPorts,
  destination: Destination,
  container: string,
  rows: Rows,
  signal: AbortSignal,
): Promise<void> => {
  const opened = await attempt(() => ports.destination(destination, container));
  if ('failure' in opened) return add(rows, CHECK_STEPS[0], opened.failure);
  const store = opened.value;
  const begun: CheckStep[] = [];
  const checked = await attempt(() => store.check(signal, (step) => void begun.push(step)));
  const last = begun.at(-1) ?? CHECK_STEPS[0];
  for (const name of CHECK_STEPS) {
    if ('failure' in checked && name === last) add(rows, name, checked.failure);
    else if ('failure' in checked && CHECK_STEPS.indexOf(name) > CHECK_STEPS.indexOf(last)) add(rows, name, skipped(NOT_TRIED));
    else add(rows, name, destinationRow(name, container, begun, 'value' in checked || last !== 'write'));
  }
  if (store.account === undefined) return;
  if ('failure' in checked) return add(rows, 'account', skipped(NOT_TRIED));
  const told = await attempt(async () => store.account?.(signal));
  if ('failure' in told) return add(rows, 'account', told.failure);
  if (told.value === undefined) return;
  add(rows, 'account', accountRow(told.value));
  add(rows, 'soft delete', softDeleteRow(told.value));
  add(rows, 'public access', publicAccessRow(told.value));
};

/** A container that nobody had to make is there, once something was written into it. */
const destinationRow = (name: CheckStep, container: string, begun: readonly CheckStep[], written: boolean): Outcome => {
  switch (name) {
    case 'container':
      if (begun[0] !== 'container' && begun.includes('container')) return passed(`${container} was not there and has been made.`);
      return written ? passed(`${container} is there.`) : skipped(`Nothing was written, so it is not known whether ${container} is there.`);
    case 'write':
      return passed('A probe was written.');
    case 'read':
      return passed('It was read.');
    case 'delete':
      return passed('It was deleted.');
  }
};

const NOT_SHOWN = 'The credential does not show it. Nothing depends on it.';

const accountRow = ({ kind, sku }: AccountFacts): Outcome => {
  if (kind === undefined) return skipped(NOT_SHOWN);
  const found = [kind, sku].filter((text) => text !== undefined).join(', ');
  if (kind === 'Storage' || kind === 'BlobStorage')
    return {
      verdict: 'warn',
      code: 'destination.old-account-kind',
      found,
      advice: 'Accounts of this kind are being retired. Upgrade it to general-purpose v2, which keeps its name and its keys.',
    };
  if (kind === 'StorageV2' && sku?.startsWith('Premium') !== true) return passed(found);
  return {
    verdict: 'warn',
    code: 'destination.premium-account',
    found,
    advice:
      'An export works, but premium storage costs several times as much and PSTs gain nothing from it. Use a standard general-purpose v2 account.',
  };
};

const softDeleteRow = ({ softDeleteDays: days }: AccountFacts): Outcome => {
  if (days === undefined) return skipped(NOT_SHOWN);
  if (days > 0) return passed(`Deleted blobs can be restored for ${days} days.`);
  return {
    verdict: 'warn',
    code: 'destination.no-soft-delete',
    found: 'Deleted blobs are gone at once.',
    advice: 'Turn soft delete for blobs on in the storage account, so that a PST that somebody deletes can be restored.',
  };
};

const publicAccessRow = ({ publicAccess }: AccountFacts): Outcome => {
  if (publicAccess === undefined) return skipped(NOT_SHOWN);
  if (publicAccess === 'none') return passed('Nobody can read the container without a credential.');
  return {
    verdict: 'warn',
    code: 'destination.public-access',
    found: `Anybody who knows the address can read the ${publicAccess} of this container, without a credential.`,
    advice: 'Set the access level of the container to private, and disallow blob public access for the account, before you export into it.',
  };
};
