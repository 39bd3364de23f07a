import { encodeExportStream } from '@pstream/fasttransfer';
import { filetimeOf, ID, PT, utf16, type Attachment, type MapiItem, type Property } from '@pstream/mapi';
import { generatedTenant, type MailboxSource, type SimFolder, type SimItem } from '@pstream/tenant-sim';

const RUNS = '<img src=x onerror=alert(1)>';
/** Names and HTML that would run, fetch or mislead if anybody took them for more than text. */
export const HOSTILE = {
  name: `${RUNS}\u202etxt.exe`,
  subject: `"><script>alert(1)</script>${RUNS}`,
  text: '{{constructor.constructor("alert(1)")()}} <b>not bold</b>',
  html: `<h1>Hello</h1><script>alert(1)</script>${RUNS}<img src="https://tracker.example/1.gif"><iframe src="https://tracker.example/2"></iframe>
    <link rel=stylesheet href="https://tracker.example/3.css"><style>body{background:url(https://tracker.example/4.png)}</style>
    <div style="background:url(https://tracker.example/5.png);position:fixed">div</div><form action="https://tracker.example/6"><input name=q></form>
    <a href="https://tracker.example/7">bank</a><meta http-equiv=refresh content="0;url=https://tracker.example/8"><svg onload=alert(1)></svg>
    <base href="https://tracker.example/"><p>End of the letter</p>`,
  file: '..\\<script>alert(1)</script>.html',
  fileText: '<script>alert(1)</script>',
} as const;

const text = (id: number, value: string): Property => ({ id, type: PT.String, value: utf16(value) });
const int = (id: number, value: number): Property => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return { id, type: PT.Integer32, value: bytes };
};
const binary = (id: number, value: Uint8Array): Property => ({ id, type: PT.Binary, value });

const file = (name: string, bytes: Uint8Array): Attachment => ({
  properties: [
    binary(ID.AttachData, bytes),
    int(ID.AttachMethod, 1),
    text(ID.AttachLongFilename, name),
    text(ID.AttachMimeTag, 'text/html'),
  ],
});

const message = (subject: string, body: readonly Property[], attachments: readonly Attachment[] = []): MapiItem => ({
  properties: [
    text(ID.MessageClass, 'IPM.Note'),
    text(ID.Subject, subject),
    text(ID.SentRepresentingName, HOSTILE.name),
    { id: ID.MessageDeliveryTime, type: PT.Time, value: filetimeOf('2026-03-01T08:00:00.000Z') },
    int(ID.MessageFlags, attachments.length > 0 ? 0x11 : 0x01),
    ...body,
  ].toSorted((a, b) => a.id - b.id),
  recipients: [
    {
      properties: [int(ID.RecipientType, 1), text(ID.DisplayName, HOSTILE.name), text(ID.SmtpAddress, 'ben@fabrikam.test')].toSorted(
        (a, b) => a.id - b.id,
      ),
    },
  ],
  attachments,
  associated: false,
  warnings: [],
});

const ITEMS: readonly MapiItem[] = [
  message('A plain letter', [text(ID.Body, HOSTILE.text)]),
  message(
    HOSTILE.subject,
    [binary(ID.Html, Buffer.from(HOSTILE.html)), int(ID.InternetCodepage, 65_001)],
    [
      file(HOSTILE.file, Buffer.from(HOSTILE.fileText)),
      file('large.bin', Buffer.alloc(1_300_000, 7)),
      {
        properties: [int(ID.AttachMethod, 5), text(ID.DisplayName, HOSTILE.name)].toSorted((a, b) => a.id - b.id),
        embedded: message('A letter within', [text(ID.Body, 'Within.')]),
      },
    ],
  ),
];

/** A mailbox of which one folder has a hostile name and two letters in place of its items, and all others are empty. */
class HostileMailbox implements MailboxSource {
  readonly guid: string;
  readonly rootId: string;
  readonly #of: MailboxSource;
  readonly #folder: SimFolder;
  readonly #streams = ITEMS.map((item) => encodeExportStream(item));

  constructor(of: MailboxSource) {
    this.guid = of.guid;
    this.rootId = of.rootId;
    this.#of = of;
    this.#folder = of.folders().find(({ type, count, wellKnownName, searchOf }) => {
      const isPlain = wellKnownName === null && searchOf === undefined;
      return isPlain && type === 'IPF.Note' && count >= ITEMS.length;
    })!;
  }
  folders(): readonly SimFolder[] {
    return this.#of
      .folders()
      .map((folder) =>
        folder.id === this.#folder.id ? { ...folder, displayName: HOSTILE.name, count: ITEMS.length } : { ...folder, count: 0 },
      );
  }
  items(folder: SimFolder, from: number, to: number): Promise<readonly SimItem[]> {
    return folder.id === this.#folder.id ? this.#of.items(this.#folder, from, Math.min(to, ITEMS.length)) : Promise.resolve([]);
  }
  async find(itemId: string): Promise<SimItem | undefined> {
    const item = await this.#of.find(itemId);
    return item?.folderId === this.#folder.id && item.ordinal < ITEMS.length ? item : undefined;
  }
  stream({ ordinal }: SimItem): Promise<Uint8Array> {
    return Promise.resolve(this.#streams[ordinal]!);
  }
  content({ ordinal }: SimItem): Promise<MapiItem> {
    return Promise.resolve(ITEMS[ordinal]!);
  }
}

/** A tenant whose only user has that mailbox. */
export const hostileTenant = (): ReturnType<typeof generatedTenant> => {
  const tenant = generatedTenant({ seed: 3, mailboxes: 1, itemsPerMailbox: 200, sizeProfile: 'tiny' });
  return { ...tenant, users: tenant.users.map((user) => ({ ...user, primary: new HostileMailbox(user.primary!) })) };
};
