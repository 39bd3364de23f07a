import { amountOf, csvLine } from '@pstream/kernel';
import { openPst } from '@pstream/pst/reader';
import { pstImportCheck } from '@pstream/pst/tools';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { writeNew } from '../cli/config.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { binarySize, count, size } from '../output/format.js';
import { plain } from '../output/output.js';
import { shownPath, withSource } from './pst-source.js';

const MOST_NOTES = 50;
/** Rows that Microsoft 365 takes in one mapping file. */
const MOST_ROWS = 500;
const COLUMNS =
  'Workload,FilePath,Name,Mailbox,IsArchive,TargetRootFolder,ContentCodePage,SPFileContainer,SPManifestContainer,SPSiteUrl'.split(',');

/** What stands in the way, and what to do about it. */
const SENTENCES = {
  'file-too-large': (found: number, limit: number) =>
    `the file has ${binarySize(found)}, the import takes ${binarySize(limit)}; \`pstream pst split FILE --size 20GB\` makes smaller ones`,
  'too-many-folders': (found: number, limit: number) =>
    `${amountOf(found, 'folder')}, the import takes ${count(limit)}; use \`pstream pst convert --only\` to make a PST of some of them`,
  'folder-too-deep': (found: number, limit: number) => `${count(found)} levels deep, Exchange Online has at most ${count(limit)}`,
  'folder-name-too-long': (found: number, limit: number) =>
    `a name of ${count(found)} characters, Exchange Online has at most ${count(limit)}`,
  'item-too-large': (found: number, limit: number) =>
    `an item of ${binarySize(found)}, the import leaves out what is over ${binarySize(limit)}`,
  unreadable: (found: number) =>
    `${amountOf(found, 'place')} cannot be read; \`pstream pst convert FILE OUT.pst --recover\` saves what can be`,
} as const;

@Verb({
  name: 'check-import',
  about:
    'Checks PSTs against the limits of the Microsoft 365 import; with --mapping, also writes the mapping file (exit 10 if there are problems)',
  args: '<files...>',
})
class CheckImport extends Command {
  static readonly options = {
    mapping: option('--mapping <file>', 'Write a mapping CSV for the import, a row for each PST', z.string().optional()),
    mailbox: option(
      '--mailbox <address>',
      'Mailbox of all rows; by default the name of the file where it is an address',
      z.email({ error: 'Give the address of a mailbox.' }).optional(),
    ),
    archive: option('--archive', 'Import into the online archives', z.boolean().default(false)),
    folder: option(
      '--folder <path>',
      'Folder of the mailbox to import into, such as /Imported; by default /',
      z.string().regex(/^\//, { error: 'Give a path that begins with /, such as /Imported.' }).default('/'),
    ),
  };

  async execute(paths: Args, { mapping, mailbox, archive, folder }: Given<typeof CheckImport.options>): Promise<ExitCode> {
    if (mapping !== undefined && paths.length > MOST_ROWS)
      throw usageError(
        `A mapping file can have at most ${MOST_ROWS} rows, and there are ${count(paths.length)} PSTs; give fewer at a time.`,
      );
    const files = [];
    for (const path of paths)
      files.push({
        file: shownPath(path),
        ...(await withSource(this.cli, path, async (source) =>
          pstImportCheck(await openPst(source, { mode: 'lenient' }), this.cli.signal),
        )),
      });
    const rows = files.map(({ file }) => rowOf(file, mailbox, archive, folder));
    if (mapping !== undefined) await writeNew(mapping, [COLUMNS, ...rows.map(({ cells }) => cells)].map(csvLine).join(''));
    await this.out.list(
      { files, mapping: mapping ?? null },
      files,
      [
        { title: 'File', exact: ({ file }) => file },
        { title: 'Verdict', exact: ({ problems }) => (problems.length === 0 ? 'ok' : 'problems') },
        { title: 'Folders', exact: ({ folders }) => folders },
        { title: 'Items', exact: ({ items }) => items, human: ({ items }) => count(items) },
        { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
        { title: 'Problems', exact: ({ problems, problemsDropped }) => problems.length + problemsDropped },
      ],
      '',
    );
    const note = (text: string): void => {
      if (!this.cli.json) this.cli.stderr.write(`${plain(text, '\uFFFD')}\n`);
    };
    for (const { file, problems } of files)
      for (const { code, where, found, limit } of problems.slice(0, MOST_NOTES))
        note(`${[file, where].filter((part) => part !== '').join(': ')}: ${SENTENCES[code](found, limit)}`);
    const unknown = mapping === undefined ? [] : rows.filter(({ cells }) => cells[3] === '');
    for (const { name } of unknown)
      note(`${name}: the file name does not identify a mailbox; fill in the Mailbox column, or use --mailbox`);
    return files.every(({ problems }) => problems.length === 0) && unknown.length === 0 ? EXIT.done : EXIT.withErrors;
  }
}

export const importVerbs: readonly CommandType[] = [CheckImport];

/** The mailbox is the name of the file up to a part number, where that is an address: ann@contoso.com.002.pst. */
const rowOf = (file: string, mailbox: string | undefined, archive: boolean, folder: string): { name: string; cells: readonly string[] } => {
  const name = file.split(/[\\/]/).at(-1) ?? file;
  const owner = name.replace(/\.pst$/i, '').replace(/\.\d{3}$/, '');
  const address = mailbox ?? (z.email().safeParse(owner).success ? owner : '');
  return { name, cells: ['Exchange', '', name, address, archive ? 'TRUE' : 'FALSE', folder, '', '', '', ''] };
};
