import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PSTFile, type PSTFolder, type PSTMessage } from 'pst-extractor';
import { plainSubject, sha256, type SeenItem } from './seen.fixture.js';

/** What can be told of an item by a reader that does not show everything. */
export type Told = Omit<SeenItem, 'allData' | 'storedRtf'>;
/** Folders and items as another reader shows them. */
export type ToldStore = { readonly folders: readonly string[]; readonly items: readonly Told[] };

/** Lines to compare, in an order that does not depend on the reader's. */
export const lines = (seen: ToldStore): string[] =>
  [
    ...seen.folders.map((folder) => `folder ${folder}`),
    ...seen.items.map(
      ({ folder, messageClass, subject, recipients, attachments }) =>
        `${folder}: ${messageClass} "${subject}" ${recipients} recipients [${attachments.toSorted().join(' ')}]`,
    ),
  ].toSorted();

/** Numbers by name, for counts by folder. */
export const countBy = <T>(list: readonly T[], name: (one: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const one of list) counts[name(one)] = (counts[name(one)] ?? 0) + 1;
  return counts;
};

/** A store as the npm package pst-extractor shows it, below the top of the mailbox. */
export const byPstExtractor = (path: string): ToldStore => {
  const folders: string[] = [];
  const items: Told[] = [];
  const walk = (at: PSTFolder, names: readonly string[]): void => {
    const folder = names.join('/');
    if (names.length > 0) folders.push(folder);
    for (
      let child = at.contentCount > 0 ? (at.getNextChild() as PSTMessage | null) : null;
      child !== null;
      child = at.getNextChild() as PSTMessage | null
    ) {
      const attachments: string[] = [];
      for (let i = 0; i < child.numberOfAttachments; i++) {
        const one = child.getAttachment(i);
        const stream = one.attachMethod === 5 ? null : one.fileInputStream;
        const bytes = Buffer.alloc(stream === null ? 0 : one.filesize);
        stream?.readCompletely(bytes);
        attachments.push(one.attachMethod === 5 ? 'message' : stream === null ? 'none' : sha256(bytes));
      }
      items.push({ folder, messageClass: child.messageClass, subject: child.subject, recipients: child.numberOfRecipients, attachments });
    }
    for (const sub of at.hasSubfolders ? at.getSubFolders() : []) walk(sub, [...names, sub.displayName]);
  };
  const store = new PSTFile(path);
  const top = store
    .getRootFolder()
    .getSubFolders()
    .find(({ displayName }) => displayName === 'Top of Personal Folders');
  if (top === undefined) throw new Error('pst-extractor finds no top of the mailbox');
  walk(top, []);
  return { folders, items };
};

/** What `pst-walk` prints. */
export type Walked = {
  readonly database: { readonly nodes: number; readonly blockEntries: number; readonly blocksRead: number; readonly bytes: number };
  readonly folders: readonly {
    readonly path: readonly string[];
    readonly count: number;
    readonly associated: number;
    readonly items: readonly (
      | {
          readonly class: string;
          readonly subject: string | null;
          readonly recipients: number;
          readonly attachments: readonly WalkedAttachment[];
        }
      | { readonly refused: string }
    )[];
  }[];
};
type WalkedAttachment =
  | { readonly sha256: string }
  | { readonly embedded: string }
  | { readonly method: number }
  | { readonly refused: string };

/** A store as `pst-walk` tells it. The crate refuses every attachment that is a message, in stores of Outlook's too, so that is what a refusal stands for. */
export const byOutlookPst = ({ folders }: Walked): ToldStore => ({
  folders: folders.map(({ path }) => path.join('/')).filter((path) => path !== ''),
  items: folders.flatMap(({ path, items }) =>
    items.map((item): Told => {
      const folder = path.join('/');
      if ('refused' in item) return { folder, messageClass: `refused: ${item.refused}`, subject: '', recipients: 0, attachments: [] };
      const attachments = item.attachments.map((one) => ('sha256' in one ? one.sha256 : 'method' in one ? 'none' : 'message'));
      return { folder, messageClass: item.class, subject: plainSubject(item.subject ?? ''), recipients: item.recipients, attachments };
    }),
  ),
});

/** A store as the programs on java-libpst and libpff's Python module print it: one JSON object, subjects as they are stored. */
export const byWalk = (stdout: string): ToldStore => {
  const { folders, items } = JSON.parse(stdout) as ToldStore;
  return { folders, items: items.map((item) => ({ ...item, subject: plainSubject(item.subject) })) };
};

/** What pffexport wrote: for each item its folder, and the SHA-256 of every attachment file. */
export const byPffexport = (
  directory: string,
): { readonly items: readonly { readonly folder: string; readonly data: readonly string[] }[] } => {
  const items: { folder: string; data: string[] }[] = [];
  const isItem = (name: string): boolean => /^[A-Z][A-Za-z]+\d{5}$/.test(name);
  const files = (at: string): string[] =>
    readdirSync(at, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(^|\/)Attachments$/.test(entry.parentPath))
      .map((entry) => sha256(readFileSync(join(entry.parentPath, entry.name))));
  const walk = (at: string, names: readonly string[]): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      if (isItem(entry.name)) items.push({ folder: names.join('/'), data: files(join(at, entry.name)) });
      else walk(join(at, entry.name), [...names, entry.name]);
    }
  };
  walk(join(directory, 'Top of Personal Folders'), []);
  return { items };
};

/** The SHA-256 of every attachment that readpst wrote beside its item, as `NUMBER-NAME`. */
export const dataByReadpst = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^\d+-/.test(entry.name))
    .map((entry) => sha256(readFileSync(join(entry.parentPath, entry.name))));

/** The folders of the files that readpst wrote, one file an item. */
export const byReadpst = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, entry.parentPath).split('/').slice(1).join('/'));
