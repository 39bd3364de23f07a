import { filetimeOf, ID, PT, type MapiItem } from '@pstream/mapi';
import { toMapiItem } from './convert.js';
import { extendedIds } from './extended.js';
import { flagAt, intAt, look, textAt } from './mime.fixture.js';
import type { JsonObject } from './plain-item.js';

const time = (iso: string): Buffer => Buffer.from(filetimeOf(iso));
const utc = (dateTime: string): JsonObject => ({ dateTime, timeZone: 'UTC' });
const contact = (resource: JsonObject, item: JsonObject = {}): Promise<MapiItem> =>
  toMapiItem({ kind: 'contact', itemType: 'IPM.Contact', item, resource });
const event = (resource: JsonObject, item: JsonObject = {}): Promise<MapiItem> =>
  toMapiItem({ kind: 'event', itemType: 'IPM.Appointment', item, resource });
const task = (resource: JsonObject, item: JsonObject = {}): Promise<MapiItem> =>
  toMapiItem({ kind: 'task', itemType: 'IPM.Task', item, resource });

describe('a contact from JSON', () => {
  it('has its names, numbers and addresses where Outlook looks for them', async () => {
    const { properties } = await contact({
      displayName: 'Ada Lovelace',
      givenName: 'Ada',
      surname: 'Lovelace',
      companyName: 'Analytical',
      fileAs: 'Lovelace, Ada',
      birthday: '1815-12-10T11:59:00Z',
      businessPhones: ['+44 1', '+44 2'],
      homePhones: ['+44 3'],
      mobilePhone: '+44 4',
      imAddresses: ['ada@im'],
      children: ['Byron', 'Annabella'],
      businessAddress: { street: '1 St James Sq', city: 'London', postalCode: 'SW1Y', countryOrRegion: 'UK' },
      homeAddress: { city: 'Ockham' },
      emailAddresses: [{ name: 'Ada', address: 'ada@contoso.com' }, {}, { address: 'third@contoso.com' }],
      personalNotes: 'First programmer',
      nickName: 5,
    });
    expect([
      textAt(properties, ID.DisplayName),
      textAt(properties, ID.Subject),
      textAt(properties, 0x3a06),
      textAt(properties, 0x3a11),
    ]).toEqual(['Ada Lovelace', 'Ada Lovelace', 'Ada', 'Lovelace']);
    expect([textAt(properties, 0x3a08), textAt(properties, 0x3a1b), textAt(properties, 0x3a09), textAt(properties, 0x3a1c)]).toEqual([
      '+44 1',
      '+44 2',
      '+44 3',
      '+44 4',
    ]);
    expect(textAt(properties, ['address', 0x801b])).toBe('1 St James Sq\r\nLondon SW1Y\r\nUK');
    expect(textAt(properties, 0x3a59)).toBe('Ockham');
    expect([
      textAt(properties, ['address', 0x8083]),
      textAt(properties, ['address', 0x8093]),
      textAt(properties, ['address', 0x80a3]),
    ]).toEqual(['ada@contoso.com', undefined, 'third@contoso.com']);
    expect(textAt(properties, ['address', 0x8005])).toBe('Lovelace, Ada');
    expect(look(properties, 0x3a42, PT.Time)).toEqual(time('1815-12-10T11:59:00.000Z'));
    expect(textAt(properties, ID.Body)).toBe('First programmer');
    expect(properties.find(({ id }) => id === 0x3a58)?.values).toHaveLength(2);
    expect(textAt(properties, 0x3a4f)).toBeUndefined();
  });

  it('has its picture as the attachment that is one', async () => {
    const photo = Buffer.from('ffd8ffe0', 'hex');
    const { attachments, properties } = await toMapiItem({
      kind: 'contact',
      itemType: 'IPM.Contact',
      item: {},
      resource: { displayName: 'Ada' },
      photo,
    });
    expect(
      attachments.map((one) => [
        textAt(one.properties, ID.AttachMimeTag),
        flagAt(one.properties, 0x7fff),
        look(one.properties, ID.AttachData, PT.Binary),
      ]),
    ).toEqual([['image/jpeg', true, photo]]);
    expect(flagAt(properties, ['address', 0x8015])).toBe(true);
  });

  it('says nothing it was not told', async () => {
    const { properties } = await contact({});
    expect(properties.map(({ id }) => id)).toEqual([ID.MessageClass, ID.MessageFlags, ID.InternetCodepage, ID.MessageCodepage, 0x8000]);
    expect(flagAt(properties, ['address', 0x8015])).toBe(false);
  });
});

describe('an appointment from JSON', () => {
  const plain = {
    subject: 'Review',
    body: { contentType: 'html', content: '<p>Agenda</p>' },
    start: utc('2026-03-09T09:00:00.0000000'),
    end: utc('2026-03-09T10:30:00.0000000'),
    isAllDay: false,
    location: { displayName: 'Room 1' },
    showAs: 'oof',
    sensitivity: 'private',
    importance: 'high',
    isReminderOn: true,
    reminderMinutesBeforeStart: 30,
    iCalUId: '040000008200E00074C5B7101A82E00800000000',
  };

  it('has time, place and state', async () => {
    const { properties, recipients } = await event(plain);
    expect([look(properties, ['appointment', 0x820d], PT.Time), look(properties, ['appointment', 0x820e], PT.Time)]).toEqual([
      time('2026-03-09T09:00:00.000Z'),
      time('2026-03-09T10:30:00.000Z'),
    ]);
    expect([
      textAt(properties, ['appointment', 0x8208]),
      intAt(properties, ['appointment', 0x8205]),
      intAt(properties, ['appointment', 0x8213]),
    ]).toEqual(['Room 1', 3, 90]);
    expect([intAt(properties, ID.Sensitivity), intAt(properties, ID.Importance), intAt(properties, ['appointment', 0x8217])]).toEqual([
      2, 2, 0,
    ]);
    expect([intAt(properties, ['common', 0x8501]), look(properties, ['common', 0x8560], PT.Time)]).toEqual([
      30,
      time('2026-03-09T08:30:00.000Z'),
    ]);
    expect(look(properties, ['meeting', 3], PT.Binary)?.toString('hex').toUpperCase()).toBe(plain.iCalUId);
    expect(recipients).toEqual([]);
  });

  it('that is a meeting names its organiser first, each guest once, and the answer', async () => {
    const guest = (address: string, type: string): JsonObject => ({ type, emailAddress: { name: address, address } });
    const { properties, recipients } = await event({
      ...plain,
      isOrganizer: false,
      organizer: { emailAddress: { name: 'Ada', address: 'ada@contoso.com' } },
      attendees: [guest('ADA@contoso.com', 'required'), guest('bo@contoso.com', 'optional'), guest('room@contoso.com', 'resource')],
      responseStatus: { response: 'accepted' },
    });
    expect(
      recipients.map(({ properties: own }) => [textAt(own, ID.SmtpAddress), intAt(own, ID.RecipientType), intAt(own, 0x5ffd)]),
    ).toEqual([
      ['ada@contoso.com', 1, 3],
      ['bo@contoso.com', 2, 1],
      ['room@contoso.com', 3, 1],
    ]);
    expect([intAt(properties, ['appointment', 0x8217]), intAt(properties, ['appointment', 0x8218])]).toEqual([3, 3]);
  });

  it('wraps the id of another calendar', async () => {
    const { properties } = await event({ ...plain, iCalUId: 'abc@google.com' });
    expect(look(properties, ['meeting', 0x23], PT.Binary)?.subarray(40).toString('latin1')).toBe(
      'vCal-Uid\u0001\u0000\u0000\u0000abc@google.com\u0000',
    );
  });

  it('that recurs keeps the blob of its recurrence, and is refused without it', async () => {
    const recurrence = { pattern: { type: 'daily', interval: 1 }, range: { type: 'noEnd' } };
    const blob = { id: 'Binary {00062002-0000-0000-c000-000000000046} Id 0x8216', value: 'BDAEMA==' };
    const { properties } = await event({ ...plain, recurrence }, { singleValueExtendedProperties: [blob] });
    expect(look(properties, ['appointment', 0x8216], PT.Binary)?.toString('hex')).toBe('04300430');
    expect(flagAt(properties, ['appointment', 0x8223])).toBe(true);
    await expect(event({ ...plain, recurrence })).rejects.toMatchObject({
      code: 'fallback.incomplete',
      facts: { missing: 'the recurrence' },
    });
  });

  it('is refused where its time is given in a zone that is not known here', async () => {
    await expect(event({ ...plain, start: { dateTime: '2026-03-09T09:00:00', timeZone: 'Tonga Standard Time' } })).rejects.toMatchObject({
      code: 'fallback.incomplete',
    });
  });

  it('has its files, and is refused where one cannot be had', async () => {
    const file = {
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: 'a.txt',
      contentType: 'text/plain',
      size: 2,
      contentBytes: 'SGk=',
    };
    const { attachments } = await event({ ...plain, hasAttachments: true, attachments: [file] });
    expect(
      attachments.map(({ properties }) => [
        textAt(properties, ID.AttachLongFilename),
        look(properties, ID.AttachData, PT.Binary)?.toString(),
      ]),
    ).toEqual([['a.txt', 'Hi']]);
    for (const attachments of [
      [],
      [{ '@odata.type': '#microsoft.graph.itemAttachment', name: 'x', size: 5 }],
      [{ ...file, contentBytes: null }],
    ])
      await expect(event({ ...plain, hasAttachments: true, attachments })).rejects.toMatchObject({ code: 'fallback.incomplete' });
  });
});

describe('a task from JSON', () => {
  it('has its state, days and reminder', async () => {
    const { properties } = await task({
      title: 'Pack',
      body: { contentType: 'text', content: 'Socks' },
      status: 'completed',
      importance: 'low',
      startDateTime: utc('2026-03-01T00:00:00'),
      dueDateTime: utc('2026-03-05T00:00:00'),
      completedDateTime: utc('2026-03-04T00:00:00'),
      isReminderOn: true,
      reminderDateTime: utc('2026-03-05T08:00:00'),
      categories: ['Home'],
    });
    expect([
      textAt(properties, ID.Subject),
      textAt(properties, ID.Body),
      intAt(properties, ['task', 0x8101]),
      flagAt(properties, ['task', 0x811c]),
    ]).toEqual(['Pack', 'Socks', 2, true]);
    expect(look(properties, ['task', 0x8102], PT.Floating64)?.readDoubleLE()).toBe(1);
    expect(look(properties, ['task', 0x8105], PT.Time)).toEqual(time('2026-03-05T00:00:00.000Z'));
    expect(look(properties, ['common', 0x8560], PT.Time)).toEqual(time('2026-03-05T08:00:00.000Z'));
  });
  it('that recurs is refused without the blob of its recurrence', async () => {
    await expect(task({ title: 'Pack', recurrence: { pattern: {} } })).rejects.toMatchObject({ code: 'fallback.incomplete' });
  });
});

describe('the properties to ask for', () => {
  it('are named as Graph names them, none twice', () => {
    const ids = extendedIds('event', 'IPM.Appointment');
    expect(ids).toContain('String 0x0037');
    expect(ids).toContain('Binary {00062002-0000-0000-c000-000000000046} Id 0x8216');
    for (const [kind, itemType] of [
      ['event', 'IPM.Appointment'],
      ['message', 'IPM.Schedule.Meeting.Request'],
      ['contact', 'IPM.Contact'],
      ['task', 'IPM.Task'],
    ] as const) {
      const all = extendedIds(kind, itemType);
      expect(all).toHaveLength(new Set(all).size);
      for (const id of all)
        expect(id).toMatch(/^(String|Integer|Boolean|SystemTime|Binary|Double) (0x[0-9A-F]{4}|\{[0-9a-f-]{36}\} Id 0x[0-9A-F]{4})$/);
    }
  });
  it('of a plain mail are not those of a meeting', () => {
    expect(extendedIds('message', 'IPM.Note')).not.toContain('Binary {00062002-0000-0000-c000-000000000046} Id 0x8216');
  });
});
