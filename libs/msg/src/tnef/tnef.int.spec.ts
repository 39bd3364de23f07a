import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ID, utf16Text, type Property } from '@pstream/mapi';
import { describeShared } from '@pstream/testing';
import { readTnef } from '../index.js';

const text = (properties: readonly Property[], id: number): string | undefined => {
  const found = properties.find((property) => property.id === id && property.name === undefined);
  return found === undefined ? undefined : utf16Text(found.value);
};
const bytesOf = (properties: readonly Property[]): number | undefined => properties.find(({ id }) => id === ID.AttachData)?.value.length;

describe('a TNEF stream', () => {
  it('is refused where the signature is missing', () => {
    expect(() => readTnef(new Uint8Array(100))).toThrow(expect.objectContaining({ code: 'tnef.unreadable' }) as Error);
  });
});

describeShared('real TNEF streams', (shared) => {
  const read = (name: string) => readTnef(readFileSync(join(shared, 'data', 'eml', `MimeKit__${name}.tnef`)));

  it.each([
    [
      'attachments',
      'IPM.Note',
      undefined,
      [
        ['zappa_av1.jpg', 2937],
        ['bookmark.htm', 85805],
      ],
    ],
    [
      'MAPI_ATTACH_DATA_OBJ',
      'IPM.Note',
      'Bodø-damer på vei!',
      [
        ['VIA_Nytt_1402.doc', 61952],
        ['VIA_Nytt_1402.pdf', 213685],
        ['VIA_Nytt_14021.htm', 68919],
      ],
    ],
    [
      'data-before-name',
      'IPM.Note',
      undefined,
      [
        ['AUTOEXEC.BAT', 0],
        ['CONFIG.SYS', 0],
        ['boot.ini', 289],
      ],
    ],
    ['multi-value-attribute', 'IPM.Note.Microsoft.Voicemail.UM.CA', undefined, [['208225__5_seconds__Voice_Mail.mp3', 10656]]],
    ['triples', 'IPM.Appointment', 'Sample Summary', []],
    ['unicode-mapi-attr', 'IPM.Note', 'example', [['example.dat', 1024]]],
  ] as const)('are read: %s', (name, messageClass, subject, attachments) => {
    const { item, damage } = read(name);
    expect(damage).toEqual([]);
    expect(text(item.properties, ID.MessageClass)).toBe(messageClass);
    expect(text(item.properties, ID.Subject)).toBe(subject);
    expect(item.attachments.map(({ properties }) => [text(properties, ID.AttachLongFilename), bytesOf(properties)])).toEqual(attachments);
  });

  it('have recipients, and messages within', () => {
    expect(read('body').item.recipients).toHaveLength(1);
    const { attachments } = read('christmas').item;
    expect(attachments.map(({ embedded }) => embedded?.properties.length ?? 0)).toEqual([0, 83, 115]);
    expect(attachments.map(({ properties }) => bytesOf(properties))).toEqual([375081, undefined, undefined]);
  });

  it('tell what follows their last attribute', () => {
    expect(read('garbage-at-end').damage).toEqual(['tnef.cut-off']);
  });
});
