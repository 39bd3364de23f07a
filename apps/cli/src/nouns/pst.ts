import { openPst, type PstFile } from '@pstream/pst/reader';
import { pstCat, pstDiff, pstInfo, pstList, type PrintableItem, type PrintableProperty, type PstEntry } from '@pstream/pst/tools';
import { verifyPst } from '@pstream/pst/verify';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { count, size } from '../output/format.js';
import { plain } from '../output/output.js';
import { convertVerbs } from './pst-convert.js';
import { importVerbs } from './pst-import.js';
import { shownPath, withSource } from './pst-source.js';

const withFile = <T>(cli: Cli, path: string, work: (file: PstFile) => Promise<T>): Promise<T> =>
  withSource(cli, path, async (source) => work(await openPst(source, { mode: 'lenient' })));

@Verb({
  name: 'info',
  about: 'Tells the form of a PST and what it holds; <file> is a path or the https address of a blob, with a SAS if it needs one',
  args: '<file>',
})
class ShowPst extends Command {
  execute([path = '']: Args): Promise<ExitCode | void> {
    return withFile(this.cli, path, async (file) => {
      const info = await pstInfo(file);
      await this.out.record(info, info, [
        { title: 'Form', exact: ({ form, wVer }) => `${form}, version ${wVer}` },
        { title: 'Encoding', exact: ({ encoding }) => encoding },
        { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
        { title: 'Free', exact: ({ freeBytes }) => freeBytes, human: ({ freeBytes }) => size(freeBytes) },
        { title: 'Name', exact: ({ displayName }) => displayName ?? null },
        { title: 'Record key', exact: ({ recordKey }) => recordKey ?? null },
        { title: 'Folders', exact: ({ folders }) => folders },
        { title: 'Items', exact: ({ items }) => items, human: ({ items }) => count(items) },
        {
          title: 'Hidden items',
          exact: ({ associatedItems }) => associatedItems,
          human: ({ associatedItems }) => count(associatedItems),
        },
        { title: 'Named properties', exact: ({ namedProperties }) => namedProperties },
        { title: 'Problems', exact: ({ problems }) => problems.length },
      ]);
    });
  }
}

@Verb({ name: 'ls', about: 'Lists the folders of a PST, and its items if asked', args: '<file>' })
class ListPst extends Command {
  static readonly options = {
    under: option('--under <folder>', 'Only this folder and those below it', z.string().optional()),
    items: option('--items', 'Items too', z.boolean().default(false)),
    hidden: option('--hidden', 'Hidden items too', z.boolean().default(false)),
  };

  execute([path = '']: Args, { under, items, hidden }: Given<typeof ListPst.options>): Promise<ExitCode | void> {
    return withFile(this.cli, path, async (file) => {
      const entries: PstEntry[] = [];
      for await (const entry of pstList(file, {
        items: items || hidden,
        associated: hidden,
        ...(under === undefined ? {} : { under }),
      })) {
        this.cli.signal.throwIfAborted();
        entries.push(entry);
      }
      await this.out.list(
        { items: entries },
        entries,
        [
          { title: 'Kind', exact: ({ kind }) => kind },
          { title: 'Path', exact: (entry) => entry.path },
          {
            title: 'Class',
            exact: (entry) =>
              (entry.kind === 'folder' ? entry.containerClass : entry.kind === 'item' ? entry.messageClass : entry.code) ?? null,
          },
          {
            title: 'Items or size',
            exact: (entry) => (entry.kind === 'folder' ? entry.items : entry.kind === 'item' ? (entry.sizeBytes ?? null) : null),
          },
          { title: 'Received', exact: (entry) => (entry.kind === 'item' ? (entry.receivedAt ?? null) : null) },
          { title: 'From', exact: (entry) => (entry.kind === 'item' ? (entry.from ?? null) : null) },
          { title: 'Subject', exact: (entry) => (entry.kind === 'item' ? (entry.subject ?? null) : null) },
        ],
        'The PST has no folders.',
      );
    });
  }
}

@Verb({ name: 'cat', about: 'Prints every property of a folder or item, by its path as `pst ls` prints it', args: '<file> <path>' })
class PrintPst extends Command {
  static readonly options = {
    maxBytes: option(
      '--max-bytes <n>',
      'Bytes of binary values that are printed; default 64',
      z.coerce.number({ error: 'Give a number of bytes.' }).int().min(0).optional(),
    ),
  };

  execute([path = '', inside = '']: Args, { maxBytes }: Given<typeof PrintPst.options>): Promise<ExitCode | void> {
    return withFile(this.cli, path, async (file) => {
      const found = await pstCat(file, inside, maxBytes === undefined ? {} : { maxBytes });
      if (this.cli.json) return this.out.line(found);
      const lines =
        found.kind === 'folder' ? found.properties.map((property) => ({ where: 'folder', property })) : propertiesOf(found.item, 'item');
      return this.out.list(
        found,
        lines,
        [
          { title: 'Of', exact: ({ where }) => where },
          { title: 'Tag', exact: ({ property }) => property.tag },
          { title: 'Name', exact: ({ property }) => property.name ?? null },
          { title: 'Type', exact: ({ property }) => property.type },
          { title: 'Value', exact: ({ property }) => property.value },
        ],
        'There are no properties.',
      );
    });
  }
}

@Verb({
  name: 'verify',
  about: 'Checks structure, allocation, tables and content of PSTs that pstream wrote (exit 10 if there are problems)',
  args: '<files...>',
})
class VerifyPsts extends Command {
  async execute(paths: Args): Promise<ExitCode> {
    const files = [];
    for (const path of paths)
      files.push({
        file: shownPath(path),
        ...(await withSource(this.cli, path, (source) => verifyPst(source, { signal: this.cli.signal }))),
      });
    const ok = files.every((report) => report.ok);
    await this.out.list(
      { ok, files },
      files,
      [
        { title: 'File', exact: ({ file }) => file },
        { title: 'Verdict', exact: (report) => (report.ok ? 'ok' : 'problems') },
        { title: 'Folders', exact: ({ folders }) => folders },
        { title: 'Items', exact: ({ items }) => items, human: ({ items }) => count(items) },
        { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
        { title: 'SHA-256', exact: ({ sha256 }) => sha256 ?? null },
        { title: 'Problems', exact: ({ problems, problemsDropped }) => problems.length + problemsDropped },
      ],
      '',
    );
    for (const { file, problems } of files)
      for (const { code, where, expected, actual } of problems.slice(0, MOST_NOTES))
        note(
          this.cli,
          `${file}: ${code} at ${where}${expected === undefined ? '' : `: expected ${expected}, found ${actual ?? 'nothing'}`}`,
        );
    return ok ? EXIT.done : EXIT.withErrors;
  }
}

@Verb({
  name: 'diff',
  about: 'Compares a PST with the copies made from it, property by property (exit 10 if there are differences)',
  args: '<original> <copies...>',
})
class DiffPsts extends Command {
  static readonly options = {
    hidden: option('--hidden', 'Hidden items too', z.boolean().default(false)),
    allowExtra: option('--allow-extra', 'Items that only the copies have are no differences', z.boolean().default(false)),
  };

  execute([original = '', ...copies]: Args, { hidden, allowExtra }: Given<typeof DiffPsts.options>): Promise<ExitCode> {
    return withFile(this.cli, original, (file) =>
      withAll(this.cli, copies, [], async (files) => {
        const diff = await pstDiff(file, files, { associated: hidden, allowExtra, signal: this.cli.signal });
        await this.out.record(diff, diff, [
          { title: 'Items', exact: ({ items }) => items, human: ({ items }) => count(items) },
          {
            title: 'Properties compared',
            exact: ({ compared }) => compared.properties,
            human: ({ compared }) => count(compared.properties),
          },
          { title: 'Folders lost', exact: ({ foldersLost }) => foldersLost },
          { title: 'Items lost', exact: ({ itemsLost }) => itemsLost },
          { title: 'Items extra', exact: ({ itemsExtra }) => itemsExtra },
          { title: 'Unreadable in the original', exact: ({ unreadable }) => unreadable },
          { title: 'Properties lost', exact: ({ lost }) => tallyText(lost) },
          { title: 'Properties changed', exact: ({ changed }) => tallyText(changed) },
          { title: 'Differences', exact: ({ differences }) => differences, human: ({ differences }) => count(differences) },
        ]);
        for (const { kind, where, what } of diff.notes.slice(0, MOST_NOTES)) note(this.cli, `${kind}: ${what} at ${where}`);
        return diff.differences === 0 ? EXIT.done : EXIT.withErrors;
      }),
    );
  }
}

export const verbs: readonly CommandType[] = [ShowPst, ListPst, PrintPst, VerifyPsts, DiffPsts, ...convertVerbs, ...importVerbs];

const MOST_NOTES = 50;

const note = (cli: Cli, text: string): void => {
  if (!cli.json) cli.stderr.write(`${plain(text, '\uFFFD')}\n`);
};

const withAll = <T>(
  cli: Cli,
  paths: readonly string[],
  open: readonly PstFile[],
  work: (files: readonly PstFile[]) => Promise<T>,
): Promise<T> => {
  const [path, ...rest] = paths;
  return path === undefined ? work(open) : withFile(cli, path, (file) => withAll(cli, rest, [...open, file], work));
};

const tallyText = (tally: Readonly<Record<string, number>>): string =>
  Object.entries(tally)
    .map(([name, times]) => `${name} ×${times}`)
    .join(', ') || '0';

/** Every property of an item with its recipients, attachments and what is embedded in those. */
const propertiesOf = (item: PrintableItem, where: string): { readonly where: string; readonly property: PrintableProperty }[] => [
  ...item.properties.map((property) => ({ where, property })),
  ...item.recipients.flatMap((properties, at) => properties.map((property) => ({ where: `${where}/recipient ${at + 1}`, property }))),
  ...item.attachments.flatMap(({ properties, embedded }, at) => [
    ...properties.map((property) => ({ where: `${where}/attachment ${at + 1}`, property })),
    ...(embedded === undefined ? [] : propertiesOf(embedded, `${where}/attachment ${at + 1}/item`)),
  ]),
];
