import type { ExtractionEvent, ManifestRef } from '@pstream/contracts';

/** Where a pass left off listing a folder. `clean`: everything up to there was taken by some pass; otherwise what was left out
 *  is what `scope` leaves out. */
type LeftOff = { readonly link: string; readonly mailboxId: string; readonly clean: boolean; readonly scope: string };

/** What earlier passes of a mailbox did with one folder. */
type FolderHistory = { readonly manifests: ManifestRef[]; leftOff: LeftOff | undefined };

/** What earlier passes of a mailbox listed: which items they took, and from where on only new ones are to be listed. */
export class History {
  readonly #folders = new Map<string, FolderHistory>();

  /** Adds a pass that listed the mailbox and has ended; oldest first. */
  add(scope: string, events: readonly ExtractionEvent[]): void {
    const found = new Map<string, { readonly mailboxId: string; readonly resumed: boolean; leftOut: number; delta: string | null }>();
    for (const event of events) {
      if (event.type === 'FoldersDiscovered') {
        for (const { key, mailbox, from } of event.data.folders)
          found.set(key, { mailboxId: mailbox.id, resumed: from !== undefined, leftOut: 0, delta: null });
      } else if (event.type === 'PageListed') {
        const { folderKey, manifest, leftOut, delta } = event.data;
        if (manifest !== null) this.#of(folderKey).manifests.push(manifest);
        const folder = found.get(folderKey);
        if (folder === undefined) continue;
        folder.delta = delta;
        for (const items of Object.values(leftOut ?? {})) folder.leftOut += items;
      }
    }
    for (const [key, { mailboxId, resumed, leftOut, delta }] of found) {
      const folder = this.#of(key);
      if (delta === null) continue;
      const wasClean = !resumed || folder.leftOff?.clean === true;
      folder.leftOff = { link: delta, mailboxId, clean: wasClean && leftOut === 0, scope };
    }
  }

  /** Lists of the items of a folder that earlier passes took. */
  manifests(folderKey: string): readonly ManifestRef[] {
    return this.#folders.get(folderKey)?.manifests ?? [];
  }

  /** Where a pass of this scope begins to list the folder; undefined for its beginning. A folder that lives in another mailbox
   *  now is listed again, and so is one of which an earlier pass left out what this one takes. */
  startOf(folderKey: string, mailboxId: string, scope: string): string | undefined {
    const leftOff = this.#folders.get(folderKey)?.leftOff;
    if (leftOff === undefined || leftOff.mailboxId !== mailboxId) return undefined;
    return leftOff.clean || leftOff.scope === scope ? leftOff.link : undefined;
  }

  #of(folderKey: string): FolderHistory {
    const known = this.#folders.get(folderKey);
    if (known !== undefined) return known;
    const made: FolderHistory = { manifests: [], leftOff: undefined };
    this.#folders.set(folderKey, made);
    return made;
  }
}
