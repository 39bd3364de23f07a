import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeExportStream, encodeExportStream } from '@pstream/fasttransfer';
import { ID, PT, type MapiItem } from '@pstream/mapi';
import { describeShared } from '@pstream/testing';
import { fromMime, htmlOf, look, textAt } from './mime.fixture.js';

/** Sizes and texts of an item at every depth: what must come out of a stream as it went in. */
const shape = (item: MapiItem): unknown => [
  item.properties.map(({ id, type, value, values }) => [id, type, value.length, values?.length]),
  item.recipients.map(({ properties }) => textAt(properties, ID.SmtpAddress)),
  item.attachments.map(({ properties, embedded }) => [
    textAt(properties, ID.DisplayName),
    look(properties, ID.AttachData, PT.Binary)?.length,
    embedded === undefined ? null : shape(embedded),
  ]),
];

describeShared('messages that others wrote', (shared) => {
  const folder = join(shared, 'data', 'eml');
  const files = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  const read = (name: string): Promise<MapiItem> => fromMime(readFileSync(join(folder, name)));

  it('are there', () => expect(files.length).toBeGreaterThan(80));

  it.each(files)('%s becomes an item that goes through a stream unchanged, or is reported as cut off', async (name) => {
    let item: MapiItem;
    try {
      item = await read(name);
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^mime\.(truncated|unreadable)$/) });
      return;
    }
    expect(shape(decodeExportStream(encodeExportStream(item)))).toEqual(shape(item));
  });

  it('are few that are refused', async () => {
    const refused: string[] = [];
    for (const name of files) await read(name).catch(() => refused.push(name));
    expect(refused.length).toBeLessThan(files.length / 10);
  });

  it('in Japanese are readable', async () => {
    const item = await read('mikel-mail__japanese.eml');
    expect(`${textAt(item.properties, ID.Subject)} ${textAt(item.properties, ID.Body)}`).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
  });

  it('within messages are taken apart', async () => {
    const item = await read('MimeKit__simple-embedded-message.eml');
    expect(item.attachments.some(({ embedded }) => embedded !== undefined)).toBe(true);
  });

  it('with inline pictures hide just these', async () => {
    const item = await read('mikel-mail__attachment_message_rfc822_inline_image.eml');
    const all = (one: MapiItem): MapiItem[] => [
      one,
      ...one.attachments.flatMap(({ embedded }) => (embedded === undefined ? [] : all(embedded))),
    ];
    const hidden = all(item).flatMap((one) =>
      one.attachments
        .filter(({ properties }) => properties.some(({ id, value }) => id === ID.AttachmentHidden && value[0] === 1))
        .map((each) => ({ each, html: htmlOf(one) ?? '' })),
    );
    for (const { each, html } of hidden) expect(html).toContain(`cid:${textAt(each.properties, ID.AttachContentId)}`);
  });
});

describeShared('messages in the shapes that the field reported', (shared) => {
  const read = (name: string): Promise<MapiItem> => fromMime(readFileSync(join(shared, 'data', 'field', 'mime', `${name}.eml`)));

  it.each([
    ['cs-cp-850', 'Frösche'],
    ['cs-cp437', 'Frösche'],
    ['cs-ibm850', 'Frösche'],
    ['cs-utf-7', 'Frösche'],
    ['cs-hz-gb-2312', '中文'],
    ['nocharset-8bit', 'Frösche'],
    ['us-ascii-8bit', 'Frösche'],
    ['raw8-subject', 'Frösche'],
  ])('%s says %s', async (name, text) => expect(textAt((await read(name)).properties, ID.Body)?.trim()).toBe(text));

  it('are marked where a shift leads to half a character', async () =>
    expect((await read('cs-iso-2022-kr')).warnings).toEqual(['mime.code-page-guessed']));

  it('have names and subjects in raw bytes', async () => {
    const { properties } = await read('raw8-subject');
    expect([textAt(properties, ID.Subject), textAt(properties, ID.SenderName)]).toEqual(['Die Frösche', 'Jürgen']);
  });

  it.each(['inline-html-named', 'inline-text-named', 'nodisp-text-named'])('%s has its file', async (name) => {
    const item = await read(name);
    expect([textAt(item.properties, ID.Body)?.trim(), item.attachments.length]).toEqual(['hello', 1]);
  });

  it('have no time where it is of year 1', async () =>
    expect((await read('date0')).properties.filter(({ type }) => type === PT.Time)).toEqual([]));
});
