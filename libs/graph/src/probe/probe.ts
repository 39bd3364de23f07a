import { Fault, isFault, type Facts } from '@pstream/kernel';
import type { GraphClient, GraphFolder, GraphItem, MailboxRef } from '../client.js';

/** One row of "Verify credentials". `skipped` rows carry the reason in `facts`; `facts` hold ids, counts and codes, never content. */
export type ProbeStep = {
  /** 1..9, as in spec §10. */
  readonly step: number;
  readonly name: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'skipped';
  readonly code?: string;
  readonly advice?: string;
  readonly facts: Facts;
};

/** What to probe. `decode` gets the bytes of one exported item and throws if they cannot be read; they are dropped afterwards. */
export type ProbeOptions = {
  readonly userPrincipalName: string;
  readonly wantArchive: boolean;
  /** The address of a mailbox that the app must not reach; without it step 9 is skipped. */
  readonly outOfScope?: string;
  readonly decode: (bytes: Uint8Array) => void;
};

/** The steps of the probe, in order; index + 1 is the step's number. */
export const PROBE_STEPS = ['sign in', 'permissions', 'find user', 'mailboxes', 'folders', 'item', 'export', 'archive', 'scope'] as const;

/** The least permissions of the export (spec §7); the second of a pair is the wider one that does as well. */
const NEEDED: readonly (readonly string[])[] = [
  ['User.Read.All', 'Directory.Read.All', 'User.ReadWrite.All'],
  ['MailboxFolder.Read.All', 'MailboxFolder.ReadWrite.All'],
  ['MailboxItem.Read.All'],
  ['MailboxItem.Export.All', 'MailboxItem.ImportExport.All'],
];
/** Anything that can change data is more than an export needs. */
const EXCESS = /Write|ImportExport|Send|full_access/i;
/** Spec §10: how many folders are looked into for an item, and pages within one, since a page may be empty. */
const MAX_FOLDERS = 10;
const MAX_PAGES = 3;
const FEW_ITEMS = 10;

type Finding = Omit<ProbeStep, 'step' | 'name'>;
type Looked = { readonly folders: Finding; readonly item: Finding; readonly exported: Finding };

/** Tries with one real mailbox what an export will do (spec §10) and yields one row per step. After a hard failure the
 *  remaining rows are `skipped`. Exports at most one item per mailbox and drops it. Throws the signal's reason only. */
export async function* probeMailbox(client: GraphClient, options: ProbeOptions, signal?: AbortSignal): AsyncGenerator<ProbeStep> {
  let step = 0;
  let failed = false;
  const row = (finding: Finding): ProbeStep => {
    failed ||= finding.verdict === 'fail';
    return { step: ++step, name: PROBE_STEPS[step - 1]!, ...finding };
  };
  function* skipRest(because: string): Generator<ProbeStep> {
    while (step < PROBE_STEPS.length) yield row(skipped(because));
  }
  const earlier = 'an earlier step failed';

  const signedIn = await attempt(() => client.signIn(signal), signal);
  if ('fault' in signedIn) {
    yield row(failure(signedIn.fault));
    return yield* skipRest(earlier);
  }
  yield row(passed({ expiresInS: signedIn.value.expiresInS, roles: signedIn.value.roles }));
  yield row(permissions(signedIn.value.roles));

  const user = await attempt(() => client.findUser(options.userPrincipalName, signal), signal);
  if ('fault' in user) {
    yield row(failure(user.fault));
    return yield* skipRest(earlier);
  }
  yield row(passed({ userId: user.value.id }));

  const found = await attempt(() => client.mailboxes(user.value.id, signal), signal);
  if ('fault' in found) {
    yield row(failure(found.fault));
    return yield* skipRest(earlier);
  }
  const { primary, archive } = found.value;
  const noArchive = options.wantArchive && archive === null;
  yield row({
    ...(noArchive ? warning('graph.no-archive', NO_ARCHIVE) : passed({})),
    facts: { primary: primary.id, archive: archive?.id ?? null },
  });

  const looked = await look(client, primary, options, signal);
  for (const finding of [looked.folders, looked.item, looked.exported]) {
    yield row(finding);
    if (failed) return yield* skipRest(earlier);
  }

  if (!options.wantArchive) yield row(skipped('the archive was not asked for'));
  else if (archive === null) yield row({ verdict: 'fail', code: 'graph.no-archive', advice: NO_ARCHIVE, facts: {} });
  else yield row(summary(await look(client, archive, options, signal)));
  if (failed) return yield* skipRest(earlier);

  yield row(await scope(client, options.outOfScope, signal));
}

const NO_ARCHIVE = 'This user has no archive mailbox enabled. Enable it, or export the primary mailbox only.';

/** Steps 5 to 7 on one mailbox. */
const look = async (client: GraphClient, mailbox: MailboxRef, options: ProbeOptions, signal: AbortSignal | undefined): Promise<Looked> => {
  let folders = 0;
  let tried = 0;
  let item: { readonly item: GraphItem; readonly mailbox: MailboxRef } | undefined;
  const after = (finding: Finding, because = 'an earlier step failed'): Looked => ({
    folders: folders === 0 ? finding : passed({ folders }),
    item: folders === 0 ? skipped(because) : finding,
    exported: skipped(because),
  });
  const searched = await attempt(async () => {
    for await (const folder of client.folders(mailbox, signal)) {
      folders++;
      if (folder.isSearch || folder.totalItemCount === 0) continue;
      item = await smallest(client, folder, signal);
      if (item !== undefined || ++tried >= MAX_FOLDERS) return;
    }
  }, signal);
  if ('fault' in searched) return after(failure(searched.fault));
  if (folders === 0) {
    return after({
      verdict: 'fail',
      code: 'graph.no-folders',
      advice: 'The mailbox shows no folders. Open it once in Outlook, then verify again.',
      facts: {},
    });
  }
  if (item === undefined) {
    const advice = 'No item was found to try an export with. Put a message into the mailbox if you want this step checked.';
    return after({ ...warning('graph.no-items', advice), facts: { foldersLookedInto: tried } }, 'there is no item to export');
  }
  const { item: chosen, mailbox: at } = item;
  return {
    folders: passed({ folders }),
    item: passed({ itemId: chosen.id, class: chosen.type, sizeBytes: chosen.size }),
    exported: await exportOne(client, at, chosen, options.decode, signal),
  };
};

/** The smallest of the first items of a folder. */
const smallest = async (client: GraphClient, folder: GraphFolder, signal: AbortSignal | undefined) => {
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { items, removed, next, mailbox } = await client.itemPage(folder.mailbox, folder.id, cursor, { pageSize: FEW_ITEMS }, signal);
    const present = items.filter((one) => !removed.includes(one.id)).sort((a, b) => a.size - b.size);
    if (present[0] !== undefined) return { item: present[0], mailbox };
    if (next === null) return undefined;
    cursor = next;
  }
  return undefined;
};

/** Step 9: being refused is what passes here. */
const scope = async (client: GraphClient, outOfScope: string | undefined, signal: AbortSignal | undefined): Promise<Finding> => {
  if (outOfScope === undefined) return skipped('no mailbox was named that the app must not reach');
  const reached = await attempt(async () => {
    const { primary } = await client.mailboxes((await client.findUser(outOfScope, signal)).id, signal);
    for await (const _folder of client.folders(primary, signal)) return;
  }, signal);
  if (!('fault' in reached)) {
    return warning(
      'graph.scope-too-wide',
      'The app reads a mailbox that was named as one it must not reach. Take its mailbox permissions away in Entra and grant them in Exchange, through RBAC for Applications, for the mailboxes to export only; changes need up to two hours.',
    );
  }
  const { code } = reached.fault;
  if (REFUSED.has(code)) return passed({ refusedWith: code });
  return {
    ...warning(
      'graph.scope-unknown',
      `Whether the app is kept out of that mailbox could not be tried. ${reached.fault.advice ?? ''}`.trim(),
    ),
    facts: { because: code },
  };
};

const REFUSED: ReadonlySet<string> = new Set(['graph.mailbox-forbidden', 'graph.access-policy']);

const exportOne = async (
  client: GraphClient,
  mailbox: MailboxRef,
  item: GraphItem,
  decode: (bytes: Uint8Array) => void,
  signal: AbortSignal | undefined,
): Promise<Finding> => {
  const exported = await attempt(async () => {
    for await (const answer of client.exportItems(mailbox, [item.id], signal)) {
      if ('fault' in answer) throw answer.fault;
      return answer.data;
    }
    throw new Fault('graph.item-unanswered', { retry: 'never', advice: 'Exchange gave no answer for this item. Verify again.' });
  }, signal);
  if ('fault' in exported) return failure(exported.fault);
  try {
    decode(exported.value);
  } catch (error) {
    return {
      verdict: 'fail',
      code: isFault(error) ? error.code : 'item.unreadable',
      advice: 'The item was exported, but its stream could not be read. Report the code and the item class; the item itself is not stored.',
      facts: { exportedBytes: exported.value.length, class: item.type },
    };
  }
  return passed({ exportedBytes: exported.value.length });
};

const permissions = (roles: readonly string[]): Finding => {
  const missing = NEEDED.filter((ways) => !ways.some((role) => roles.includes(role))).map((ways) => ways[0]!);
  if (missing.length > 0) {
    const advice = `Not granted in Entra: ${missing.join(', ')}. That is fine where Exchange RBAC for Applications grants it; the next steps show.`;
    return { ...warning('graph.permission-not-in-token', advice), facts: { missing } };
  }
  const excess = roles.filter((role) => EXCESS.test(role));
  if (excess.length > 0) {
    const advice = `The app may do more than an export needs: ${excess.join(', ')}. Remove what nothing else uses.`;
    return { ...warning('graph.excess-permission', advice), facts: { excess } };
  }
  return passed({ permissions: NEEDED.length });
};

/** Steps 5 to 7 of the archive as one row: its first failure, else its first warning. */
const summary = (looked: Looked): Finding => {
  const all = [looked.folders, looked.item, looked.exported];
  const worst = all.find((one) => one.verdict === 'fail') ?? all.find((one) => one.verdict === 'warn');
  const facts: Facts = { ...looked.exported.facts, ...looked.item.facts, ...looked.folders.facts };
  if (worst === undefined) return { verdict: 'pass', facts };
  const previewOnly =
    worst.verdict === 'fail' && ['graph.mailbox-forbidden', 'graph.not-found', 'graph.mailbox-not-online'].includes(worst.code ?? '');
  const advice = previewOnly
    ? `${worst.advice ?? ''} Archive export is still a preview, which Microsoft may not offer in this tenant yet.`
    : worst.advice;
  return { ...worst, ...(advice === undefined ? {} : { advice }), facts: { ...facts, ...worst.facts } };
};

const passed = (facts: Facts): Finding => ({ verdict: 'pass', facts });
const warning = (code: string, advice: string): Finding => ({ verdict: 'warn', code, advice, facts: {} });
const skipped = (because: string): Finding => ({ verdict: 'skipped', facts: { because } });
const failure = (fault: Fault): Finding => ({
  verdict: 'fail',
  code: fault.code,
  ...(fault.advice === undefined ? {} : { advice: fault.advice }),
  facts: fault.facts,
});

/** A Fault becomes a value; an abort and defects pass. */
const attempt = async <T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<{ value: T } | { fault: Fault }> => {
  try {
    return { value: await work() };
  } catch (error) {
    if (!isFault(error) || signal?.aborted === true) throw error;
    return { fault: error };
  }
};
