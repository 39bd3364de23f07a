import { assert, Fault, isFault, type Facts } from '@pstream/kernel';
import { isListingFault } from '../calls/listing-fault.js';
import type { GraphClient, GraphFolder, GraphItem, GraphUser, MailboxRef } from '../client.js';

/** One row of "Verify credentials". `skipped` rows carry the reason in `facts`; `facts` hold ids, counts and codes, never content. */
export type ProbeStep = {
  /** 1..9, as in Graph §10. */
  readonly step: number;
  readonly name: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'skipped';
  readonly code?: string;
  readonly advice?: string;
  readonly facts: Facts;
};

/** What to probe. `decode` gets the bytes of one exported item and throws if they cannot be read; they are dropped afterwards. */
export type ProbeOptions = {
  /** Whose mailbox; without it that of the first user who has one. `chosen` hears whose that is. */
  readonly userPrincipalName?: string;
  readonly chosen?: (userPrincipalName: string) => void;
  readonly wantArchive: boolean;
  /** The address of a mailbox that the app must not reach; without it step 9 is skipped. */
  readonly outOfScope?: string;
  /** Without it no item is exported, and step 7 is skipped. */
  readonly decode?: (bytes: Uint8Array) => void;
};

/** The steps of the probe, in order; index + 1 is the step's number. */
export const PROBE_STEPS = ['sign in', 'permissions', 'find user', 'mailboxes', 'folders', 'item', 'export', 'archive', 'scope'] as const;

/** The least permissions of the export (Graph §7); the second of a pair is the wider one that does as well. */
const NEEDED: readonly (readonly string[])[] = [
  ['User.Read.All', 'Directory.Read.All', 'User.ReadWrite.All'],
  ['MailboxFolder.Read.All', 'MailboxFolder.ReadWrite.All'],
  ['MailboxItem.Read.All'],
  ['MailboxItem.Export.All', 'MailboxItem.ImportExport.All'],
];
/** Anything that can change data is more than an export needs. */
const EXCESS = /Write|ImportExport|Send|full_access/i;
/** Graph §10: how many folders are looked into for an item, and pages within one, since a page may be empty. */
const MAX_FOLDERS = 10;
const MAX_PAGES = 3;
const FEW_ITEMS = 10;
/** How many items are tried, one after the other, until one can be exported: one damaged item says nothing of a mailbox. */
const MAX_SAMPLES = 3;

type Finding = Omit<ProbeStep, 'step' | 'name'>;
type Sample = { readonly item: GraphItem; readonly mailbox: MailboxRef };
type Looked = { readonly folders: Finding; readonly item: Finding; readonly exported: Finding };

/** Tries with one real mailbox what an export will do (Graph §10) and yields one row per step. After a hard failure the
 *  remaining rows are `skipped`. Exports at most one item per mailbox and drops it. Throws the signal's reason only. */
export const probeMailbox = (client: GraphClient, options: ProbeOptions, signal?: AbortSignal): AsyncGenerator<ProbeStep> =>
  new Probe(client, options, signal).steps();

const NO_ARCHIVE = 'This user has no archive mailbox enabled. Enable it, or export the primary mailbox only.';

const WITHOUT_MAILBOX: ReadonlySet<string> = new Set(['graph.mailbox-not-online', 'graph.user-not-found', 'graph.not-found']);

const REFUSED: ReadonlySet<string> = new Set(['graph.mailbox-forbidden', 'graph.access-policy']);

/** One probe: where it stands and what it asks with. */
class Probe {
  readonly #client: GraphClient;
  readonly #options: ProbeOptions;
  readonly #signal: AbortSignal | undefined;
  #step = 0;
  #failed = false;

  constructor(client: GraphClient, options: ProbeOptions, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#options = options;
    this.#signal = signal;
  }

  async *steps(): AsyncGenerator<ProbeStep> {
    const client = this.#client;
    const signal = this.#signal;
    const earlier = 'an earlier step failed';

    const signedIn = await this.#attempt(() => client.signIn(signal));
    if ('fault' in signedIn) {
      yield this.#row(failure(signedIn.fault));
      return yield* this.#skipRest(earlier);
    }
    yield this.#row(passed({ expiresInS: signedIn.value.expiresInS, roles: signedIn.value.roles }));
    yield this.#row(permissions(signedIn.value.roles));

    const user = await this.#attempt(() => this.#findUser());
    if ('fault' in user) {
      yield this.#row(failure(user.fault));
      return yield* this.#skipRest(earlier);
    }
    yield this.#row(passed({ userId: user.value.id }));

    const found = await this.#attempt(() => client.mailboxes(user.value.id, signal));
    if ('fault' in found) {
      yield this.#row(failure(found.fault));
      return yield* this.#skipRest(earlier);
    }
    const { primary, archive } = found.value;
    const noArchive = this.#options.wantArchive && archive === null;
    yield this.#row({
      ...(noArchive ? warning('graph.no-archive', NO_ARCHIVE) : passed({})),
      facts: { primary: primary.id, archive: archive?.id ?? null, purpose: await this.#purpose(user.value.id) },
    });

    const looked = await this.#look(primary);
    for (const finding of [looked.folders, looked.item, looked.exported]) {
      yield this.#row(finding);
      if (this.#failed) return yield* this.#skipRest(earlier);
    }

    if (!this.#options.wantArchive) yield this.#row(skipped('the archive was not asked for'));
    else if (archive === null) yield this.#row({ verdict: 'fail', code: 'graph.no-archive', advice: NO_ARCHIVE, facts: {} });
    else yield this.#row(summary(await this.#look(archive)));
    if (this.#failed) return yield* this.#skipRest(earlier);

    yield this.#row(await this.#scope());
  }

  /** It is good to know, and no step of an export. */
  async #purpose(userId: string): Promise<string | null> {
    const asked = await this.#attempt(() => this.#client.purpose(userId, this.#signal));
    return 'fault' in asked ? null : asked.value;
  }

  async #findUser(): Promise<GraphUser> {
    const { userPrincipalName, chosen } = this.#options;
    if (userPrincipalName !== undefined) return this.#client.findUser(userPrincipalName, this.#signal);
    const users = await this.#client.someUsers(this.#signal);
    for (const user of users) {
      const found = await this.#attempt(() => this.#client.mailboxes(user.id, this.#signal));
      if ('fault' in found && WITHOUT_MAILBOX.has(found.fault.code)) continue;
      // Whatever else is wrong is of interest at the next step.
      chosen?.(user.userPrincipalName);
      return user;
    }
    throw new Fault('graph.no-mailbox-found', {
      retry: 'never',
      facts: { users: users.length },
      advice: 'None of the first users of the directory has a mailbox. Name a mailbox to test with.',
    });
  }

  #row(finding: Finding): ProbeStep {
    this.#failed ||= finding.verdict === 'fail';
    return { step: ++this.#step, name: PROBE_STEPS[this.#step - 1]!, ...finding };
  }

  *#skipRest(because: string): Generator<ProbeStep> {
    while (this.#step < PROBE_STEPS.length) yield this.#row(skipped(because));
  }

  /** Steps 5 to 7 on one mailbox. */
  async #look(mailbox: MailboxRef): Promise<Looked> {
    let folders = 0;
    let tried = 0;
    const samples: Sample[] = [];
    /** Why a folder could not be listed: of interest only where none could. */
    let refused: Fault | undefined;
    const after = (finding: Finding, because = 'an earlier step failed'): Looked => ({
      folders: folders === 0 ? finding : passed({ folders }),
      item: folders === 0 ? skipped(because) : finding,
      exported: skipped(because),
    });
    const searched = await this.#attempt(async () => {
      for await (const folder of this.#client.folders(mailbox, this.#signal)) {
        if ('fault' in folder) continue;
        folders++;
        if (folder.isSearch || folder.totalItemCount === 0) continue;
        const found = await this.#attempt(() => this.#smallest(folder, MAX_SAMPLES - samples.length));
        if ('value' in found) samples.push(...found.value);
        else if (isListingFault(found.fault)) refused ??= found.fault;
        else throw found.fault;
        if (samples.length === MAX_SAMPLES || ++tried >= MAX_FOLDERS) return;
      }
    });
    const fault = 'fault' in searched ? searched.fault : refused;
    if (fault !== undefined && samples.length === 0) return after(failure(fault));
    if (folders === 0) {
      return after({
        verdict: 'fail',
        code: 'graph.no-folders',
        advice: 'The mailbox shows no folders. Open it once in Outlook, then verify again.',
        facts: {},
      });
    }
    const [first] = samples;
    if (first === undefined) {
      const advice = 'No item was found to try an export with. Put a message into the mailbox if you want this step checked.';
      return after({ ...warning('graph.no-items', advice), facts: { foldersLookedInto: tried } }, 'there is no item to export');
    }
    return {
      folders: passed({ folders }),
      item: passed({ itemId: first.item.id, class: first.item.type, sizeBytes: first.item.size }),
      exported: this.#options.decode === undefined ? skipped('no item was to be exported') : await this.#exportOne(samples),
    };
  }

  /** The smallest of the first items of a folder, at most `most`. */
  async #smallest(folder: GraphFolder, most: number): Promise<Sample[]> {
    let cursor: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { items, removed, next, mailbox } = await this.#client.itemPage(folder.mailbox, folder.id, cursor, { pageSize: FEW_ITEMS });
      const present = items.filter((one) => !removed.includes(one.id)).sort((a, b) => a.size - b.size);
      if (present.length > 0) return present.slice(0, most).map((item) => ({ item, mailbox }));
      if (next === null) return [];
      cursor = next;
    }
    return [];
  }

  /** Step 9: being refused is what passes here. */
  async #scope(): Promise<Finding> {
    const { outOfScope } = this.#options;
    if (outOfScope === undefined) return skipped('no mailbox was named that the app must not reach');
    const reached = await this.#attempt(async () => {
      const { primary } = await this.#client.mailboxes((await this.#client.findUser(outOfScope, this.#signal)).id, this.#signal);
      for await (const _entry of this.#client.folders(primary, this.#signal)) return;
    });
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
  }

  /** Step 7: exports one item and drops it. An item that cannot be exported is a warning if another one can, or if there is no other. */
  async #exportOne(samples: readonly Sample[]): Promise<Finding> {
    const failed: { readonly finding: Finding; readonly sample: Sample }[] = [];
    for (const sample of samples) {
      const { finding, concerns } = await this.#tryExport(sample);
      if (finding.verdict === 'fail' && concerns === 'item') {
        failed.push({ finding, sample });
        continue;
      }
      const [worst] = failed;
      return worst === undefined || finding.verdict === 'fail' ? finding : oneOf(worst.finding, worst.sample, finding.facts);
    }
    const [worst] = failed;
    assert(worst !== undefined, 'there is at least one sample');
    return failed.length === 1 ? oneOf(worst.finding, worst.sample, {}) : worst.finding;
  }

  async #tryExport({ mailbox, item }: Sample): Promise<{ readonly finding: Finding; readonly concerns: 'item' | 'mailbox' }> {
    let concerns: 'item' | 'mailbox' = 'mailbox';
    const exported = await this.#attempt(async () => {
      for await (const answer of this.#client.exportItems(mailbox, [item.id], this.#signal)) {
        concerns = 'item';
        if ('fault' in answer) throw answer.fault;
        return answer.data;
      }
      throw new Fault('graph.item-unanswered', { retry: 'never', advice: 'Exchange gave no answer for this item. Verify again.' });
    });
    if ('fault' in exported) return { finding: failure(exported.fault), concerns };
    try {
      this.#options.decode?.(exported.value);
    } catch (error) {
      const finding: Finding = {
        verdict: 'fail',
        code: isFault(error) ? error.code : 'item.unreadable',
        advice:
          'The item was exported, but its stream could not be read. Report the code and the item class; the item itself is not stored.',
        facts: { exportedBytes: exported.value.length, class: item.type },
      };
      return { finding, concerns: 'item' };
    }
    return { finding: passed({ exportedBytes: exported.value.length }), concerns };
  }

  /** A Fault becomes a value; an abort and defects pass. */
  async #attempt<T>(work: () => Promise<T>): Promise<{ value: T } | { fault: Fault }> {
    try {
      return { value: await work() };
    } catch (error) {
      if (!isFault(error) || this.#signal?.aborted === true) throw error;
      return { fault: error };
    }
  }
}

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

/** One item that failed while the mailbox as a whole can be exported. */
const oneOf = (finding: Finding, { item }: Sample, facts: Facts): Finding => ({
  ...finding,
  verdict: 'warn',
  advice:
    'One of the items that were tried could not be exported. The export goes on without such items and lists each of them as an error.',
  facts: { ...facts, ...finding.facts, itemId: item.id },
});

const passed = (facts: Facts): Finding => ({ verdict: 'pass', facts });
const warning = (code: string, advice: string): Finding => ({ verdict: 'warn', code, advice, facts: {} });
const skipped = (because: string): Finding => ({ verdict: 'skipped', facts: { because } });
const failure = (fault: Fault): Finding => ({
  verdict: 'fail',
  code: fault.code,
  ...(fault.advice === undefined ? {} : { advice: fault.advice }),
  facts: fault.facts,
});
