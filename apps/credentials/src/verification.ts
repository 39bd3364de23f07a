import type { PartStore } from '@pstream/blob';
import {
  verificationStream,
  type CredentialsEvent,
  type FoundMailbox,
  type MailboxKind,
  type PassRefs,
  type PassSettings,
} from '@pstream/contracts';
import { streamOf, type EventStore, type StreamKind } from '@pstream/event-store';
import { decodeExportStream } from '@pstream/fasttransfer';
import { PROBE_STEPS, probeMailbox, type GraphClient } from '@pstream/graph';
import { deriveId, isFault, type Clock, type Facts } from '@pstream/kernel';
import { FOREIGN, requireOwnNames } from './own-names.js';

/** What a verification needs of the world. */
export type VerificationPorts = {
  readonly store: EventStore;
  readonly clock: Clock;
  client(settings: PassSettings): Promise<GraphClient>;
  /** When the client secret ends that the app signs in with; null where the tenant does not say. */
  secretEndsAt(settings: PassSettings, client: GraphClient, signal: AbortSignal): Promise<string | null>;
  parts(settings: PassSettings): Promise<PartStore>;
  /** Tries whether parts can be written where they are to go. */
  check(settings: PassSettings, parts: PartStore, signal: AbortSignal): Promise<void>;
};

type Check = {
  readonly step: number;
  readonly name: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'skipped';
  readonly code?: string;
  readonly advice?: string;
  readonly facts?: Facts;
};

/** No check depends on those before it. */
const verifications: StreamKind<CredentialsEvent, null> = { context: 'credentials', evolve: () => null, initial: () => null };

/** Tries with one mailbox what an export will do, step by step, and records each verdict as it comes. Repeating it after
 *  a crash records nothing twice. */
export const verify = async (ports: VerificationPorts, refs: PassRefs, settings: PassSettings, signal: AbortSignal): Promise<void> => {
  const stream = streamOf(ports.store, verificationStream(refs.passId), verifications);
  const append = async (purpose: string, event: CredentialsEvent): Promise<void> => {
    const commandId = deriveId('verification', refs.passId, purpose);
    await stream.appendOnce({ commandId, by: 'credentials', at: ports.clock.now(), events: [event] });
  };
  let failure: Check | undefined;
  const learnt: Learnt = { secretEndsAt: null };
  const seen: Check[] = [];
  for await (const check of checks(ports, refs, settings, signal, learnt)) {
    seen.push(check);
    if (check.verdict === 'fail') failure ??= check;
    const event = toEvent(refs, check, ports.clock.now());
    if (event !== undefined) await append(`step/${check.step}`, event);
  }
  const at = ports.clock.now();
  const found = foundBy(seen, settings.type);
  await append('finished', {
    type: 'VerificationFinished',
    data: {
      ...refs,
      verdict: failure === undefined ? 'pass' : 'fail',
      ...(failure?.code === undefined ? {} : { code: failure.code }),
      ...(failure?.advice === undefined ? {} : { advice: failure.advice }),
      ...(found === undefined ? {} : { found }),
      ...(learnt.secretEndsAt === null ? {} : { secret: { clientId: settings.sourceEndpoint.clientId, endsAt: learnt.secretEndsAt } }),
      ...(failure?.code === FOREIGN ? { foreign: String(failure.facts?.['name']) } : {}),
      at,
    },
  });
};

/** Purposes by their names in Graph. */
const KINDS: Readonly<Record<string, MailboxKind>> = {
  user: 'user',
  linked: 'linked',
  shared: 'shared',
  room: 'room',
  equipment: 'equipment',
};

/** What the steps say of the mailbox; undefined where they did not get as far as its address. */
const foundBy = (seen: readonly Check[], type: PassSettings['type']): FoundMailbox | undefined => {
  const step = (name: (typeof PROBE_STEPS)[number]): Check | undefined => seen.find((check) => check.name === name);
  const [user, mailboxes] = [step('find user'), step('mailboxes')];
  if (user?.code === 'graph.user-not-found') return { kind: 'not-found', archive: false, readable: false };
  if (mailboxes?.code === 'graph.mailbox-not-online') return { kind: 'not-online', archive: false, readable: false };
  if (mailboxes === undefined || !worked(mailboxes)) return undefined;
  const { purpose, archive } = mailboxes.facts ?? {};
  return {
    kind: typeof purpose === 'string' ? (KINDS[purpose] ?? 'other') : 'unknown',
    archive: typeof archive === 'string',
    readable: type === 'archive' ? worked(step('archive')) : worked(step('folders')) && step('item')?.verdict !== 'fail',
  };
};

const worked = (check: Check | undefined): boolean => check?.verdict === 'pass' || check?.verdict === 'warn';

/** What a verification learns besides its verdicts. */
type Learnt = { secretEndsAt: string | null };

async function* checks(
  ports: VerificationPorts,
  refs: PassRefs,
  settings: PassSettings,
  signal: AbortSignal,
  learnt: Learnt,
): AsyncGenerator<Check> {
  const client = await attempt(() => ports.client(settings));
  if ('check' in client) {
    yield { step: 1, name: PROBE_STEPS[0], ...client.check };
  } else {
    const { outOfScope } = settings.sourceEndpoint;
    const options = {
      userPrincipalName: settings.source,
      wantArchive: settings.type === 'archive',
      decode: (bytes: Uint8Array) => void decodeExportStream(bytes),
      ...(outOfScope === undefined ? {} : { outOfScope }),
    };
    const probe = probeMailbox(client.value, options, signal);
    try {
      for await (const { step, name, verdict, code, advice, facts } of probe)
        yield { step, name, verdict, facts, ...(code === undefined ? {} : { code }), ...(advice === undefined ? {} : { advice }) };
      // Nothing of the export depends on it.
      const ends = await attempt(() => ports.secretEndsAt(settings, client.value, signal));
      if ('value' in ends) learnt.secretEndsAt = ends.value;
    } finally {
      await client.value.close();
    }
  }
  const destination = await attempt(async () => {
    const parts = await ports.parts(settings);
    await ports.check(settings, parts, signal);
    await requireOwnNames({ store: ports.store, parts }, refs, settings, signal);
  });
  yield {
    step: PROBE_STEPS.length + 1,
    name: 'destination',
    ...('check' in destination ? destination.check : { verdict: 'pass' as const }),
  };
}

const attempt = async <T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly check: Pick<Check, 'verdict' | 'code' | 'advice' | 'facts'> }> => {
  try {
    return { value: await work() };
  } catch (error) {
    if (!isFault(error)) throw error;
    return {
      check: { verdict: 'fail', code: error.code, facts: error.facts, ...(error.advice === undefined ? {} : { advice: error.advice }) },
    };
  }
};

/** Skipped steps are not facts: nothing was tried. */
const toEvent = (refs: PassRefs, { step, name, verdict, code, advice }: Check, at: string): CredentialsEvent | undefined => {
  switch (verdict) {
    case 'pass':
      return { type: 'CheckPassed', data: { ...refs, step, name, at } };
    case 'warn':
      return { type: 'CheckWarned', data: { ...refs, step, name, code: code ?? '', advice: advice ?? '', at } };
    case 'fail':
      return { type: 'CheckFailed', data: { ...refs, step, name, code: code ?? '', advice: advice ?? '', at } };
    default:
      return undefined;
  }
};
