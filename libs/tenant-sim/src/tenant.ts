import type { Clock } from '@pstream/kernel';
import { deriveGuid, mailboxIdOf } from './ids.js';
import { MailboxState } from './mailbox-state.js';
import type { MailboxSource, SimFolder, SimUser, TenantSource } from './source.js';

/** Which of a user's mailboxes. */
export type MailboxKind = 'primary' | 'archive' | 'auxiliary';

/** A mailbox that can be addressed: a primary, a main archive, or one auxiliary archive. The archive's partitions share one state. */
export type Mailbox = {
  readonly id: string;
  readonly user: SimUser;
  readonly kind: MailboxKind;
  /** 0 for a primary or a main archive, 1 and up for the auxiliaries. */
  readonly partition: number;
  readonly state: MailboxState;
  /** Mailboxes of the same archive by partition; for a primary only itself. */
  readonly partitions: readonly Mailbox[];
};

/** The tenant as the server sees it: users and mailboxes by their names. */
export class Tenant {
  readonly #users = new Map<string, SimUser>();
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #primary = new Map<string, Mailbox>();
  readonly #archive = new Map<string, Mailbox>();

  constructor(
    readonly source: TenantSource,
    readonly users: readonly SimUser[],
    clock: Clock,
    auxiliaries: number,
  ) {
    for (const user of users) {
      this.#users.set(user.id.toLowerCase(), user).set(user.userPrincipalName.toLowerCase(), user);
      if (user.primary !== undefined) this.#primary.set(user.id, this.#open(user, user.primary, 'primary', 0, clock));
      if (user.archive !== undefined) this.#archive.set(user.id, this.#open(user, user.archive, 'archive', auxiliaries, clock));
    }
  }

  /** A user by object id or user principal name, without regard to case. */
  user(idOrName: string): SimUser | undefined {
    return this.#users.get(idOrName.toLowerCase());
  }

  /** A mailbox by its id, without regard to case. */
  mailbox(id: string): Mailbox | undefined {
    return this.#mailboxes.get(id.toLowerCase());
  }

  /** The user's primary mailbox, if there is one in Exchange Online. */
  primary(user: SimUser): Mailbox | undefined {
    return this.#primary.get(user.id);
  }

  /** The user's main archive. */
  archive(user: SimUser): Mailbox | undefined {
    return this.#archive.get(user.id);
  }

  #open(user: SimUser, source: MailboxSource, kind: 'primary' | 'archive', auxiliaries: number, clock: Clock): Mailbox {
    const state = new MailboxState(source, clock);
    const partitions: Mailbox[] = [];
    for (let partition = 0; partition <= auxiliaries; partition++) {
      const guid = partition === 0 ? source.guid : deriveGuid('auxiliary', source.guid, partition);
      const id = mailboxIdOf(guid, this.source.tenantId);
      const mailbox: Mailbox = { id, user, kind: partition === 0 ? kind : 'auxiliary', partition, state, partitions };
      partitions.push(mailbox);
      this.#mailboxes.set(id.toLowerCase(), mailbox);
    }
    const [main] = partitions;
    return main as Mailbox;
  }
}

/** The mailbox in which a folder's content lives: whole top-level trees go to the partitions of an archive in turn, unless a rule moved them. */
export const physicalMailbox = (mailbox: Mailbox, folder: SimFolder): Mailbox => {
  if (mailbox.partitions.length === 1) return mailbox;
  const placed = mailbox.partitions[mailbox.state.placed(folder) ?? -1];
  if (placed !== undefined) return placed;
  let top = folder;
  for (let parent = parentOf(mailbox, top); parent !== undefined; parent = parentOf(mailbox, top)) top = parent;
  const place = mailbox.state
    .folders()
    .filter((each) => each.parentId === null)
    .indexOf(top);
  return mailbox.partitions[place % mailbox.partitions.length] ?? mailbox;
};

const parentOf = (mailbox: Mailbox, folder: SimFolder): SimFolder | undefined =>
  folder.parentId === null ? undefined : mailbox.state.folder(folder.parentId);
