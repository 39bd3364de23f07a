import { ATTACH_METHOD, filetimeOf, ID, PT } from '@pstream/mapi';
import { fallbackKind } from './kinds.js';
import { fromMime, flagAt, htmlOf, intAt, look, textAt } from './mime.fixture.js';

const HEAD = `From: "Ada Lovelace" <ada@contoso.com>
To: Bo <bo@contoso.com>, =?utf-8?B?5bGx55Sw?= <yamada@example.com>
Cc: team: c@example.com, d@example.com;
Subject: Re: =?iso-8859-1?Q?Gr=FC=DFe?=
Date: Mon, 02 Mar 2026 10:00:00 +0100
Message-ID: <1@contoso.com>
References: <0@contoso.com>
In-Reply-To: <0@contoso.com>
Importance: high
Reply-To: replies@contoso.com
MIME-Version: 1.0
`;
const PIXEL = 'iVBORw0KGgoAAAANSUhEUg==';

describe('a message from MIME', () => {
  it('keeps its header fields as properties and as they came', async () => {
    const { properties } = await fromMime(`${HEAD}Content-Type: text/plain\n\nHello\n`);
    expect(textAt(properties, ID.MessageClass)).toBe('IPM.Note');
    expect(textAt(properties, ID.Subject)).toBe('Re: Grüße');
    expect(textAt(properties, ID.ConversationTopic)).toBe('Grüße');
    expect(textAt(properties, ID.SenderName)).toBe('Ada Lovelace');
    expect(textAt(properties, 0x5d02)).toBe('ada@contoso.com');
    expect(textAt(properties, ID.InternetMessageId)).toBe('<1@contoso.com>');
    expect([textAt(properties, 0x1039), textAt(properties, 0x1042)]).toEqual(['<0@contoso.com>', '<0@contoso.com>']);
    expect(intAt(properties, ID.Importance)).toBe(2);
    expect(textAt(properties, 0x0050)).toBe('replies@contoso.com');
    expect(look(properties, ID.ClientSubmitTime, PT.Time)).toEqual(Buffer.from(filetimeOf('2026-03-02T09:00:00.000Z')));
    expect(textAt(properties, ID.TransportMessageHeaders)?.split('\r\n')).toContain('Importance: high');
    expect(textAt(properties, ID.TransportMessageHeaders)).not.toContain('Hello');
  });

  it('keeps a long text, character for character', async () => {
    const long = 'Grüße € '.repeat(600_000);
    const latin = Buffer.concat([
      Buffer.from(`${HEAD}Content-Type: text/plain; charset=windows-1252\n\n`.replaceAll('\n', '\r\n')),
      Buffer.from(long.replaceAll('€', '\u0080'), 'latin1'),
    ]);
    const { properties } = await fromMime(latin);
    // Compared at once: a difference would be printed in full.
    expect(textAt(properties, ID.Body)?.trimEnd() === long.trimEnd()).toBe(true);
  });

  it.each(['Mon, 1 Jan 0001 00:00:00 +0000', '31 Dec 1600 23:59:59 GMT', 'Fri, 31 Dec 9999 23:59:59 +0000', '1 Jan 58456 00:00:00 +0000'])(
    'has no time where the Date of its head is %s, and none where Graph says so',
    async (date) => {
      const never = '0001-01-01T00:00:00Z';
      const item = { createdDateTime: never, lastModifiedDateTime: '9999-12-31T23:59:59.9999999Z' };
      const resource = { receivedDateTime: never, sentDateTime: never, lastModifiedDateTime: '2026-03-02T09:00:05Z' };
      const { properties } = await fromMime(`Subject: t\nDate: ${date}\n\nx\n`, { item, resource });
      expect(properties.filter(({ type }) => type === PT.Time).map(({ id }) => id)).toEqual([ID.LastModificationTime]);
    },
  );

  it('has the time of a Date of two digits for the year', async () => {
    const { properties } = await fromMime('Subject: t\nDate: 2 Mar 98 10:00:00 GMT\n\nx\n');
    expect(look(properties, ID.ClientSubmitTime, PT.Time)).toEqual(Buffer.from(filetimeOf('1998-03-02T10:00:00.000Z')));
  });

  it.each([
    [2, ['mime.attachments-fewer']],
    [1, []],
    [0, []],
  ])('with one attachment, of which Graph lists %i, notes what is missing', async (listed, warnings) => {
    const mime = `${HEAD}Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nx\n--b\nContent-Type: application/pdf; name="a.pdf"\n\nx\n--b--\n`;
    const resource = { hasAttachments: true, attachments: Array.from({ length: listed }, (_, id) => ({ id: String(id) })) };
    expect((await fromMime(mime, { resource })).warnings).toEqual(warnings);
  });

  it('without the attachment that Graph says there is notes that', async () =>
    expect((await fromMime(`${HEAD}\nx\n`, { resource: { hasAttachments: true } })).warnings).toEqual(['mime.attachments-expected']));

  it('names each recipient once, groups opened', async () => {
    const { recipients } = await fromMime(`${HEAD}\nHello\n`);
    const rows = recipients.map(({ properties }) => [
      intAt(properties, ID.RecipientType),
      textAt(properties, ID.DisplayName),
      textAt(properties, ID.SmtpAddress),
    ]);
    expect(rows).toEqual([
      [1, 'Bo', 'bo@contoso.com'],
      [1, '山田', 'yamada@example.com'],
      [2, 'c@example.com', 'c@example.com'],
      [2, 'd@example.com', 'd@example.com'],
    ]);
  });

  it('takes what MIME does not carry from the JSON: state, flag, categories, blind copies', async () => {
    const item = { categories: ['Red'], createdDateTime: '2026-03-01T00:00:00Z', lastModifiedDateTime: '2026-03-03T00:00:00Z' };
    const flag = { flagStatus: 'flagged', dueDateTime: { dateTime: '2026-03-09T00:00:00.0000000', timeZone: 'UTC' } };
    const bcc = [{ emailAddress: { name: 'Eve', address: 'eve@example.com' } }];
    const resource = {
      isRead: false,
      isDraft: true,
      flag,
      importance: 'low',
      bccRecipients: bcc,
      receivedDateTime: '2026-03-02T09:00:05Z',
    };
    const { properties, recipients } = await fromMime(`${HEAD}\nHello\n`, { item, resource });
    expect(intAt(properties, ID.MessageFlags)).toBe(8);
    expect(intAt(properties, ID.Importance)).toBe(0);
    expect(intAt(properties, 0x1090)).toBe(2);
    expect(look(properties, ['task', 0x8105], PT.Time)).toEqual(Buffer.from(filetimeOf('2026-03-09T00:00:00.000Z')));
    expect(
      properties.find(({ name }) => name?.name === 'Keywords')?.values?.map((value) => Buffer.from(value).toString('utf16le')),
    ).toEqual(['Red']);
    expect(look(properties, ID.MessageDeliveryTime, PT.Time)).toEqual(Buffer.from(filetimeOf('2026-03-02T09:00:05.000Z')));
    expect(recipients.map(({ properties: own }) => intAt(own, ID.RecipientType)).at(-1)).toBe(3);
  });

  it('lets the extended properties of the item stand above all', async () => {
    const singleValueExtendedProperties = [
      { id: 'Integer 0xe07', value: '33' },
      { id: 'String 0x37', value: 'The true subject' },
      { id: 'Binary 0x300b', value: 'AQID' },
      { id: 'Boolean {00062008-0000-0000-c000-000000000046} Id 0x8503', value: 'true' },
      { id: 'Integer 0x1090', value: 'no number' },
      { id: 'String 0x9999', value: 'not asked for' },
    ];
    const { properties } = await fromMime(`${HEAD}\nHello\n`, { item: { singleValueExtendedProperties } });
    expect(intAt(properties, ID.MessageFlags)).toBe(33);
    expect(textAt(properties, ID.Subject)).toBe('The true subject');
    expect(look(properties, ID.SearchKey, PT.Binary)).toEqual(Buffer.from([1, 2, 3]));
    expect(flagAt(properties, ['common', 0x8503])).toBe(true);
    expect(intAt(properties, 0x1090)).toBeUndefined();
    expect(textAt(properties, 0x9999)).toBeUndefined();
  });
});

describe('the bodies of a message', () => {
  it.each([
    ['shift_jis', '93fa967b8cea', '日本語'],
    ['iso-2022-jp', '1b2442467c4b5c386c1b2842', '日本語'],
    ['gb18030', 'c4e3bac3', '你好'],
    ['big5', 'a741a66e', '你好'],
    ['euc-kr', 'c7d1b1db', '한글'],
    ['koi8-r', 'f0d2c9d7c5d4', 'Привет'],
    ['windows-1256', 'e3d1cdc8c7', 'مرحبا'],
    ['iso-8859-15', 'a4', '€'],
    ['utf-8', 'f09f9880', '😀'],
  ])('are read from %s', async (charset, hex, text) => {
    const head = Buffer.from(
      `${HEAD}Content-Type: text/plain; charset=${charset}\nContent-Transfer-Encoding: base64\n\n`.replaceAll('\n', '\r\n'),
    );
    const { properties } = await fromMime(Buffer.concat([head, Buffer.from(Buffer.from(hex, 'hex').toString('base64'))]));
    expect(textAt(properties, ID.Body)?.trim()).toBe(text);
    expect([intAt(properties, ID.NativeBody), intAt(properties, ID.InternetCodepage)]).toEqual([1, 65001]);
  });

  it('are written in UTF-8, and a page that named its own characters says so', async () => {
    const html = Buffer.from(
      '<html><head><meta http-equiv="Content-Type" content="text/html; charset=shift_jis"><meta charset="shift_jis"></head><body>\x93\xfa</body></html>',
      'latin1',
    );
    const mime = `${HEAD}Content-Type: text/html; charset=shift_jis\nContent-Transfer-Encoding: base64\n\n${html.toString('base64')}\n`;
    const item = await fromMime(mime);
    expect(htmlOf(item)).toContain('日</body>');
    expect(htmlOf(item)).toContain('content="text/html; charset=utf-8"><meta charset="utf-8">');
    expect(intAt(item.properties, ID.NativeBody)).toBe(3);
  });

  it('are both kept where a message has two', async () => {
    const item = await fromMime(
      `${HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain\n--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n`,
    );
    expect([textAt(item.properties, ID.Body)?.trim(), htmlOf(item)?.trim()]).toEqual(['plain', '<p>rich</p>']);
  });
});

describe('what is attached', () => {
  const mixed = (parts: readonly string[], kind = 'mixed'): string =>
    `${HEAD}Content-Type: multipart/${kind}; boundary="b 1"\n\n${parts.map((part) => `--b 1\n${part}\n`).join('')}--b 1--\n`;

  it('keeps bytes, name and type', async () => {
    const { attachments } = await fromMime(
      mixed([
        '\nHello',
        `Content-Type: application/pdf; name="=?utf-8?B?${Buffer.from('Bericht ä.pdf').toString('base64')}?="\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nJVBERg==`,
      ]),
    );
    expect(attachments).toHaveLength(1);
    const { properties } = attachments[0]!;
    expect(look(properties, ID.AttachData, PT.Binary)?.toString()).toBe('%PDF');
    expect([
      textAt(properties, ID.AttachLongFilename),
      textAt(properties, ID.AttachExtension),
      textAt(properties, ID.AttachMimeTag),
    ]).toEqual(['Bericht ä.pdf', '.pdf', 'application/pdf']);
    expect([intAt(properties, ID.AttachMethod), intAt(properties, ID.AttachFlags), flagAt(properties, ID.AttachmentHidden)]).toEqual([
      ATTACH_METHOD.byValue,
      undefined,
      undefined,
    ]);
  });

  it('is hidden where the page shows it, and only there', async () => {
    const image = (id: string): string =>
      `Content-Type: image/png; name=p.png\nContent-ID: <${id}>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\n${PIXEL}`;
    const { attachments } = await fromMime(
      mixed(['Content-Type: text/html\n\n<img src="cid:shown@x">', image('shown@x'), image('other@x')], 'related'),
    );
    expect(
      attachments.map(({ properties }) => [
        textAt(properties, ID.AttachContentId),
        intAt(properties, ID.AttachFlags),
        flagAt(properties, ID.AttachmentHidden),
      ]),
    ).toEqual([
      ['shown@x', 4, true],
      ['other@x', undefined, undefined],
    ]);
  });

  it('is a message of its own where it is one, however deep', async () => {
    const inner = (text: string, more = ''): string =>
      `From: <in@example.com>\nTo: <out@example.com>\nSubject: ${text}\nDate: Mon, 02 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\n${more}`;
    const second = `Content-Type: message/rfc822\n\n${inner('second', '\nDeep\n')}`;
    const first = `Content-Type: message/rfc822\nContent-Disposition: attachment\n\n${inner('first', `Content-Type: multipart/mixed; boundary=c\n\n--c\n\nOuter\n--c\n${second}\n--c--\n`)}`;
    const { attachments } = await fromMime(mixed(['\nHello', first]));
    const one = attachments[0]?.embedded;
    const two = one?.attachments[0]?.embedded;
    expect([textAt(one!.properties, ID.Subject), textAt(two!.properties, ID.Subject), textAt(two!.properties, ID.Body)?.trim()]).toEqual([
      'first',
      'second',
      'Deep',
    ]);
    expect(intAt(attachments[0]!.properties, ID.AttachMethod)).toBe(ATTACH_METHOD.embedded);
    expect(textAt(attachments[0]!.properties, ID.DisplayName)).toBe('first');
    expect(textAt(two!.properties, ID.MessageClass)).toBe('IPM.Note');
    expect(two!.recipients).toHaveLength(1);
  });

  it.each([
    ['50 levels of a small one', 'Deep', 55, 50],
    ['8 times what a large one has', 'x'.repeat(1_100_000), 10, 8],
  ])(
    'stays a file where it lies deeper than %s',
    async (_, text, depth, opened) => {
      let whole = `Subject: 0\n\n${text}\n`;
      for (let level = 1; level <= depth; level++) whole = `Subject: ${level}\nContent-Type: message/rfc822\n\n${whole}`;
      let { attachments } = await fromMime(whole);
      let levels = 0;
      for (let inner = attachments[0]?.embedded; inner !== undefined; inner = attachments[0]?.embedded) {
        ({ attachments } = inner);
        levels++;
      }
      expect(levels).toBe(opened);
      expect(look(attachments[0]!.properties, ID.AttachData, PT.Binary)?.includes(text)).toBe(true);
    },
    60_000,
  );

  it('stays a file where it is TNEF', async () => {
    const { attachments } = await fromMime(
      mixed(['\nHello', 'Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+Ig==']),
    );
    expect(
      attachments.map(({ properties }) => [
        textAt(properties, ID.AttachLongFilename),
        look(properties, ID.AttachData, PT.Binary)?.toString('hex'),
      ]),
    ).toEqual([['winmail.dat', '789f3e22']]);
  });
});

describe('a secured message', () => {
  it('that is signed is one attachment with the whole entity, bytes unchanged', async () => {
    const type = 'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n\tboundary="s"';
    const body =
      '\r\n--s\r\nContent-Type: text/plain\r\n\r\nSigned  \r\n--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nAAAA\r\n--s--\r\n';
    const { properties, attachments } = await fromMime(Buffer.from(`${HEAD.replaceAll('\n', '\r\n')}${type}\r\n${body}`), {
      itemType: 'IPM.Note.SMIME.MultipartSigned',
    });
    expect(textAt(properties, ID.MessageClass)).toBe('IPM.Note.SMIME.MultipartSigned');
    expect(attachments).toHaveLength(1);
    const entity = look(attachments[0]!.properties, ID.AttachData, PT.Binary)!.toString('latin1');
    expect(entity.endsWith(body)).toBe(true);
    expect(entity).toMatch(/^Content-Type: multipart\/signed/);
    expect(textAt(attachments[0]!.properties, ID.AttachMimeTag)).toBe('multipart/signed');
    expect(textAt(properties, ID.Body)).toBeUndefined();
  });

  it('that is encrypted is one attachment with the CMS bytes', async () => {
    const mime = `${HEAD}Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAGCSqG\n`;
    const { attachments } = await fromMime(mime, { itemType: 'IPM.Note.SMIME' });
    expect(
      attachments.map(({ properties }) => [
        textAt(properties, ID.AttachMimeTag),
        look(properties, ID.AttachData, PT.Binary)?.toString('base64'),
      ]),
    ).toEqual([['application/pkcs7-mime', 'MIAGCSqG']]);
  });

  it('without its content is refused', async () => {
    await expect(fromMime(`${HEAD}\nHello\n`, { itemType: 'IPM.Note.SMIME' })).rejects.toMatchObject({ code: 'fallback.incomplete' });
  });
});

describe('a meeting message', () => {
  const calendar = 'BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR';
  const mime = `${HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nCome\n--b\nContent-Type: text/calendar; method=REQUEST\n\n${calendar}\n--b--\n`;
  const itemType = 'IPM.Schedule.Meeting.Request';
  const start = { id: 'SystemTime {00062002-0000-0000-C000-000000000046} Id 0x820D', value: '2026-03-09T09:00:00Z' };
  const blob = { id: 'Binary {00062002-0000-0000-C000-000000000046} Id 0x8216', value: 'BDAEMA==' };

  it('has time and recurrence as properties, blobs unchanged, and no file that Outlook never had', async () => {
    const { properties, attachments } = await fromMime(mime, { itemType, item: { singleValueExtendedProperties: [start, blob] } });
    expect(look(properties, ['appointment', 0x820d], PT.Time)).toEqual(Buffer.from(filetimeOf('2026-03-09T09:00:00.000Z')));
    expect(look(properties, ['appointment', 0x8216], PT.Binary)?.toString('hex')).toBe('04300430');
    expect(attachments).toEqual([]);
  });

  it('keeps its iCalendar form where the properties were not available', async () => {
    const { attachments } = await fromMime(mime, { itemType });
    expect(attachments.map(({ properties }) => textAt(properties, ID.AttachLongFilename))).toEqual(['meeting.ics']);
  });
});

describe('MIME that is no whole message', () => {
  it('is distinguished from one that is, and not a word of it is repeated', async () => {
    const cut = `${HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSecret words\n`;
    const fault = await fromMime(cut).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'mime.truncated', retry: 'now' });
    expect(JSON.stringify(fault)).not.toContain('Secret');
  });
  it('is refused where its parts lie too deep', async () => {
    const boundaries = Array.from({ length: 300 }, (_, n) => `q${n}q`);
    const deep = boundaries.map((name) => `Content-Type: multipart/mixed; boundary=${name}\n\n--${name}\n`).join('');
    await expect(fromMime(`${HEAD}${deep}\nx\n--q0q--\n`)).rejects.toMatchObject({ code: 'mime.unreadable', retry: 'never' });
  });
  it('is refused in the same way where thousands lie within each other, and as many lines might end them', async () => {
    const names = Array.from({ length: 20_000 }, (_, n) => `q${n}q`);
    const deep = names.map((name) => `Content-Type: multipart/mixed; boundary=${name}\n\n--${name}\n`).join('');
    // Compared with each other these would take minutes.
    await expect(fromMime(`${HEAD}${deep}${'--other\n'.repeat(names.length)}`)).rejects.toMatchObject({ code: 'mime.unreadable' });
  });
  it('or nothing at all is a message without anything', async () => {
    const { properties, recipients } = await fromMime(new Uint8Array(0));
    expect([textAt(properties, ID.MessageClass), recipients]).toEqual(['IPM.Note', []]);
  });
});

describe('the resource that stands for a class', () => {
  it.each([
    ['IPM.Note', 'message'],
    ['IPM.Note.SMIME', 'message'],
    ['REPORT.IPM.Note.NDR', 'message'],
    ['IPM.Schedule.Meeting.Request', 'message'],
    ['IPM.TaskRequest', 'message'],
    ['IPM.Contact.Custom', 'contact'],
    ['ipm.appointment', 'event'],
    ['IPM.Task', 'task'],
    ['IPM.DistList', null],
    ['IPM.StickyNote', null],
    ['IPM.Activity', null],
    ['Something', null],
  ])('%s is %s', (itemType, kind) => expect(fallbackKind(itemType)).toBe(kind));
});
