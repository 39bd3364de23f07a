import { accessHash, newAccessSecret } from '@pstream/contracts';
import { deriveId, type Clock, type Random } from '@pstream/kernel';
import { z } from 'zod';
import { StoredList, type Where } from '../callers/stored-list.js';

const StoredLink = z.strictObject({
  linkId: z.string(),
  projectId: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  expiresAt: z.string(),
  /** Name of who made it. */
  madeBy: z.string(),
});
type StoredLink = z.infer<typeof StoredLink>;

/** A link as those who manage it see it. */
export type ReportLink = Omit<StoredLink, 'sha256' | 'projectId'>;

/** Links of a project that are open at the same time. */
const MOST_LINKS = 100;
const DAY_MS = 24 * 60 * 60 * 1_000;

const linkFile = (dir: string): Where<StoredLink> => ({ dir, file: 'report-links.json', name: 'links', schema: StoredLink });

/** Links that show the report of one project to whoever has them, and nothing else: the SHA-256 of each secret, in one file for its owner
 *  alone. For one process at a time. */
export class ReportLinks {
  readonly #list: StoredList<StoredLink>;
  readonly #clock: Clock;
  readonly #random: Random;

  private constructor(list: StoredList<StoredLink>, clock: Clock, random: Random) {
    this.#list = list;
    this.#clock = clock;
    this.#random = random;
  }

  /** Fault 'tokens.unreadable' (never) if the file is not ours. */
  static async open(dir: string, { clock, random }: { readonly clock: Clock; readonly random: Random }): Promise<ReportLinks> {
    return new ReportLinks(await StoredList.open(linkFile(dir)), clock, random);
  }

  /** A new link and its secret, which is kept nowhere; undefined if the project has as many as it may. `endOf` says when it ends that is to end then. */
  async create(
    projectId: string,
    days: number,
    madeBy: string,
    endOf: (wanted: string) => string = (wanted) => wanted,
  ): Promise<(ReportLink & { readonly secret: string }) | undefined> {
    const open = this.#open();
    if (open.filter((link) => link.projectId === projectId).length >= MOST_LINKS) return undefined;
    const { value, sha256 } = newAccessSecret('report', this.#random);
    const createdAt = this.#clock.now();
    const expiresAt = endOf(new Date(Date.parse(createdAt) + days * DAY_MS).toISOString());
    const link = { linkId: deriveId('report-link', sha256), projectId, sha256, createdAt, expiresAt, madeBy };
    await this.#list.add(link, open);
    return { ...shown(link), secret: value };
  }

  /** The open links of a project, the newest first. */
  of(projectId: string): readonly ReportLink[] {
    const links = this.#open().filter((link) => link.projectId === projectId);
    return links.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).map(shown);
  }

  /** From now on it opens nothing. False if the project has no such link. */
  async revoke(projectId: string, linkId: string): Promise<boolean> {
    const open = this.#open();
    const rest = open.filter((link) => link.projectId !== projectId || link.linkId !== linkId);
    if (rest.length === open.length) {
      await this.#list.settle();
      return false;
    }
    await this.#list.replace(rest);
    return true;
  }

  /** The link with this secret, and the project whose report it shows; undefined once its time is over. */
  find(secret: string): Pick<StoredLink, 'linkId' | 'projectId'> | undefined {
    const sha256 = accessHash(secret);
    return this.#open().find((link) => link.sha256 === sha256);
  }

  #open(): readonly StoredLink[] {
    const now = this.#clock.now();
    return this.#list.items.filter(({ expiresAt }) => expiresAt > now);
  }
}

const shown = ({ linkId, createdAt, expiresAt, madeBy }: StoredLink): ReportLink => ({ linkId, createdAt, expiresAt, madeBy });
