import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { jest } from '@jest/globals';
import { systemClock } from '@pstream/kernel';
import { describeShared, tempDir } from '@pstream/testing';
import { parse } from 'csv-parse/sync';
import { put, storeBytes, type Mail } from '../store.fixture.js';
import { scan } from '../scan/scan.js';

// A hundred stores are written and read; the machine may be busy.
jest.setTimeout(120_000);

// cspell:ignore pstextractortestpdf
/** Whose the stores under `shared/data` are, by what a person reads in them; '' where no address in them says so. */
const SHARED: Readonly<Record<string, string>> = {
  'Aspose.Email__PersonalStorageFile.ost': '',
  'pst-extractor__pstextractortest_outlook.com.ost': 'pstextractortest@outlook.com',
  'pst-extractor__pstextractortestpdf_outlook.com.ost': 'pstextractortestpdf@outlook.com',
  'Aspose.Email__AddingBulkMessages_badheader.pst': '',
  'Aspose.Email__Chunks-Split_Outlook_part0.pst': 'saqib.razzaq@xp.local',
  'Aspose.Email__MapiNoteToPST_out.pst': '',
  'Aspose.Email__MergePST_Test.pst': 'kashifiqb@gmail.com',
  'Aspose.Email__Outlook.pst': 'saqib.razzaq@xp.local',
  'Aspose.Email__PersonalStorageFile1.pst': '',
  'Aspose.Email__SMTP_Outlook_not-a-pst.pst': '',
  'Aspose.Email__SampleContacts.pst': '',
  'Aspose.Email__chunks_Personal_folders_part11.pst': 'to@domain.com',
  'Aspose.Email__passwordprotectedPST.pst': 'asposeemail.test4@aspose.com',
  'PstReader__EDRM_sample.pst': '',
  'PstReader__Outlook98Backup.pst': '',
  'PstReader__backup_with_rules.pst': 'pstreadertests@outlook.com',
  'PstReader__hughbe_Outlook.pst': '',
  'PstReader__process-pst_flags_john_doe.pst': 'pst-test-1@aranetic.com',
  'PstReader__process-pst_four_nesting_levels.pst': 'pst-test-2@aranetic.com',
  'PstReader__process-pst_multiple_to_cc.pst': 'pst-test-2@aranetic.com',
  'PstReader__pst2john_2003_compressable-encryption_quickquick.pst': '',
  'PstReader__pst2john_2003_high-encryption_quickquick.pst': '',
  'PstReader__pst2john_2003_no-encryption_quickquick.pst': '',
  'PstReader__pst2john_2007_default_a1sellers.pst': '',
  'PstReader__pst2john_2k_outlook_qwerty1234.pst': '',
  'PstReader__pst2john_Outlook_enc.pst': '',
  'PstReader__pst2john_password.pst': '',
  'java-libpst__dist-list.pst': '',
  'outlook-pst-rs__Empty.pst': '',
  'pst-extractor__enron.pst': 'michelle.lokay@enron.com',
  'pstsdk__sample1.pst': 'terrymah@microsoft.com',
  'pstsdk__sample2.pst': 'terrymah@microsoft.com',
  'pstsdk__test_ansi.pst': '',
  'pstsdk__test_unicode.pst': '',
  'ruby-msg__200_recipients.pst': '',
  'ruby-msg__attachAndInline.pst': 'xmailuser@xmailserver.test',
  'tika__testPST.pst': 'hong-thai.nguyen@polyspot.com',
};

const mailOf = (name: string): string => `${name}@contoso.com`;
const x500 = (name: string): string => `/o=Contoso/ou=Exchange/cn=Recipients/cn=${name}`;
const many = (count: number, make: (n: number) => Mail): Mail[] => Array.from({ length: count }, (_, n) => make(n));
const PEOPLE = ['ann', 'ben', 'cem', 'dora', 'emil', 'fay'] as const;
const LIST = 'list@lists.example.org';
const other = (n: number): string => `person${n}@fabrikam.com`;

/** A kind of store: where one of `name` lies, what is in it, and whose it is. */
type Kind = {
  readonly path: (name: string) => string;
  readonly mails: (name: string) => readonly Mail[];
  readonly owner: (name: string) => string;
  readonly displayName?: (name: string) => string;
  /** How many stores of this kind there are, where it is rare; else one for each of six people. */
  readonly stores?: number;
};
const nobody = (): string => '';

const KINDS: Readonly<Record<string, Kind>> = {
  'a mailbox with Sent Items': {
    path: (name) => `share/${name}.pst`,
    mails: (name) => [
      ...many(4, () => ({ folder: 'sentitems', from: mailOf(name), to: [other(1)] })),
      ...many(6, (n) => ({ from: other(n), to: [mailOf(name), other(9)] })),
    ],
    owner: mailOf,
  },
  'a delegate sent some': {
    path: (name) => `share/delegate-${name}.pst`,
    mails: (name) => many(10, (n) => ({ folder: 'sentitems', from: n < 2 ? other(1) : mailOf(name), to: [other(n)] })),
    owner: mailOf,
  },
  'addresses of a directory, resolved in one item': {
    path: (name) => `share/directory-${name}.pst`,
    mails: (name) => [
      ...many(5, () => ({ folder: 'sentitems', from: x500(name), to: [other(1)] })),
      { from: other(2), to: [{ address: x500(name), smtp: mailOf(name) }] },
    ],
    owner: mailOf,
  },
  'addresses of a directory, resolved nowhere': {
    path: (name) => `share/unresolved-${name}.pst`,
    mails: (name) => many(5, () => ({ folder: 'sentitems', from: x500(name) })),
    owner: nobody,
  },
  'received, never sent': {
    path: (name) => `share/inbox-${name}.pst`,
    mails: (name) => many(5, (n) => ({ from: other(n), receivedBy: x500(name), receivedBySmtp: mailOf(name), to: ['all@contoso.com'] })),
    owner: mailOf,
  },
  'only recipients, with copies to others': {
    path: (name) => `share/old-${name}.pst`,
    mails: (name) => many(9, (n) => ({ from: other(n), to: [mailOf(name), ...(n % 3 === 0 ? [other(1)] : [])] })),
    owner: mailOf,
  },
  'a list in most mails': {
    path: (name) => `share/list-${name}.pst`,
    mails: (name) => [
      ...many(6, (n) => ({ from: other(n), to: [LIST], headers: `Received: x\r\nList-Post: <mailto:${LIST}>\r\n` })),
      ...many(3, (n) => ({ from: other(n), to: [mailOf(name)] })),
    ],
    owner: mailOf,
  },
  'a list in most mails that does not say it is one': {
    path: (name) => `share/silent-${name}.pst`,
    mails: (name) => [...many(6, (n) => ({ from: other(n), to: [LIST] })), ...many(3, (n) => ({ from: other(n), to: [mailOf(name)] }))],
    owner: mailOf,
    stores: 2,
  },
  'a journal of everybody': {
    path: (name) => `journal/${name}.pst`,
    mails: () => many(30, (n) => ({ from: other(n), to: [other((n * 7) % 30), other((n * 11) % 30)] })),
    owner: nobody,
  },
  'two people in one store': {
    path: (name) => `share/merged-${name}.pst`,
    mails: (name) => many(8, (n) => ({ folder: 'sentitems', from: n % 2 === 0 ? mailOf(name) : other(1) })),
    owner: nobody,
  },
  'in the home of its owner': {
    path: (name) => `home/${name}/Outlook Files/archive.pst`,
    mails: (name) => [
      ...many(3, (n) => ({ from: other(1), to: [other(1), mailOf(name), other(n)] })),
      ...many(2, () => ({ folder: 'sentitems', from: mailOf(name) })),
    ],
    owner: mailOf,
  },
  'in a folder with the address, though others sent': {
    path: (name) => `leavers/${mailOf(name)}/mail.pst`,
    mails: () => many(4, () => ({ folder: 'sentitems', from: mailOf('assistant') })),
    owner: mailOf,
  },
  'empty, but with the address in its name': {
    path: (name) => `share/empty-${name}.pst`,
    mails: () => [],
    displayName: (name) => `Mailbox - ${mailOf(name)}`,
    owner: mailOf,
  },
  'empty, and called something': {
    path: (name) => `share/blank-${name}.pst`,
    mails: () => [],
    owner: nobody,
  },
  'two spellings and an alias': {
    path: (name) => `share/alias-${name}.pst`,
    mails: (name) =>
      many(9, (n) => ({
        folder: 'sentitems',
        from: n < 4 ? mailOf(name) : n < 7 ? mailOf(name).toUpperCase() : `${name}.old@contoso.com`,
      })),
    owner: mailOf,
  },
};

/** How often guesses were right, by what was right. */
type Confusion = Readonly<Record<'right' | 'rightlyNone' | 'wrong' | 'missed' | 'invented', number>>;

const verdict = (guess: string, label: string): keyof Confusion => {
  if (guess === label) return label === '' ? 'rightlyNone' : 'right';
  return guess === '' ? 'missed' : label === '' ? 'invented' : 'wrong';
};

/** Guesses of a deep scan against labels, by path; and what was not right. */
const confusionOf = async (root: string, labelOf: (path: string) => string | undefined) => {
  const out = join(tempDir(), 'plan.csv');
  await scan({ roots: [root], out, deep: true, computer: 'pc', clock: systemClock, accounts: () => undefined });
  const rows: { Path: string; Owner: string }[] = parse(readFileSync(out), { bom: true, columns: true });
  const table = { right: 0, rightlyNone: 0, wrong: 0, missed: 0, invented: 0 };
  const notRight: string[] = [];
  for (const { Path, Owner } of rows) {
    const label = labelOf(Path);
    if (label === undefined) continue;
    const is = verdict(Owner, label);
    table[is]++;
    if (is !== 'right' && is !== 'rightlyNone') notRight.push(`${is}: ${basename(Path)}, ${Owner} for ${label}`);
  }
  return { table, notRight };
};

/** Guesses that are right, of all. */
const share = ({ right, rightlyNone, wrong, missed, invented }: Confusion): number =>
  (right + rightlyNone) / (right + rightlyNone + wrong + missed + invented);

describe('owners of generated stores', () => {
  it('are guessed right, but for lists that have more mails than the owner and do not say so', async () => {
    const root = tempDir();
    const labels = new Map<string, string>();
    let key = 0;
    for (const { path, mails, owner, displayName, stores } of Object.values(KINDS))
      for (const name of PEOPLE.slice(0, stores))
        labels.set(put(join(root, path(name)), await storeBytes(++key, mails(name), displayName?.(name))), owner(name));
    const { table, notRight } = await confusionOf(root, (path) => labels.get(path));
    expect(notRight).toEqual([`wrong: silent-ann.pst, ${LIST} for ann@contoso.com`, `wrong: silent-ben.pst, ${LIST} for ben@contoso.com`]);
    expect(table).toEqual({ right: 60, rightlyNone: 24, wrong: 2, missed: 0, invented: 0 });
    expect(share(table)).toBeGreaterThan(0.95);
  });
});

describeShared('owners of stores that Outlook and others wrote', (shared) => {
  it('are guessed as a person would, or not at all', async () => {
    const data = join(shared, 'data');
    const stores = ['ost', 'pst'].flatMap((folder) => readdirSync(join(data, folder)).filter((name) => /\.[op]st$/.test(name)));
    expect(stores.toSorted()).toEqual(Object.keys(SHARED).toSorted());
    const { table, notRight } = await confusionOf(data, (path) => SHARED[basename(path)]);
    expect(notRight).toEqual([]);
    expect(table).toEqual({ right: 16, rightlyNone: 21, wrong: 0, missed: 0, invented: 0 });
  });
});
