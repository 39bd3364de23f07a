import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFault } from '@pstream/kernel';
import { utf16Text } from '@pstream/mapi';
import { describeShared } from '@pstream/testing';
import { decodeBase64, decodeExportStream } from './index.js';
import { Lexer, Position } from './lexer.js';
import { RecordReader } from './records.js';
import { Spans } from './spans.js';
import { bytes, faultOf } from './wire.fixture.js';
import { markerName, tagText } from './wire.js';

/** The tokens up to the point where the authors of the documentation cut the sample, and how it ends. */
const walk = (spans: Spans): { tokens: string[]; texts: Map<string, string>; end: string } => {
  const tokens: string[] = [];
  const texts = new Map<string, string>();
  const lexer = new Lexer(
    spans,
    {
      marker: (head) => tokens.push(markerName(head)),
      property: ({ value }, head) => {
        tokens.push(head === 0x40160003 ? `FXDelProp ${Buffer.from(value).readUInt32LE().toString(16)}` : tagText(head));
        texts.set(tagText(head), utf16Text(value));
      },
      warn: () => undefined,
    },
    new Position(),
  );
  lexer.ended = true;
  try {
    lexer.run().next();
    return { tokens, texts, end: 'boundary' };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { tokens, texts, end: error.code };
  }
};

describeShared('a published sample', (shared) => {
  const sample = (name: string): Uint8Array => decodeBase64(readFileSync(join(shared, 'data/fts-samples', `${name}.b64`), 'utf8'));
  const head = (name: string): ReturnType<typeof walk> => {
    const spans = new Spans();
    new RecordReader(spans).push(sample(name));
    return walk(spans);
  };
  const fragment = (name: string, from: number): ReturnType<typeof walk> => {
    const spans = new Spans();
    spans.append(sample(name).subarray(from), 0);
    return walk(spans);
  };

  it.each(['graph-export-1-head', 'graph-import-head', 'ews-export-3-head', 'ews-upload-1-head', 'ews-upload-2-head'])(
    'cut by its authors (%s) is a truncated item',
    (name) => {
      const fault = faultOf(() => decodeExportStream(sample(name)));
      expect(fault.code).toMatch(/^fasttransfer\.truncated/);
      expect(fault.retry).toBe('now');
    },
  );

  it('from Exchange Online begins without DnPrefix, with Importance and MessageClass', () => {
    const { tokens, end } = head('graph-import-head');
    expect(tokens).toEqual(['0x00170003']);
    expect(end).toBe('fasttransfer.truncated');
    const { tokens: second } = fragment('graph-export-2-fragment', 7);
    expect(second).toEqual(['0x00170003', '0x001a84b0', '0x00260003', '0x0029000b', '0x00360003']);
  });

  it.each(['ews-export-3-head', 'ews-upload-1-head', 'ews-upload-2-head'])(
    'from Exchange 2010 begins with DnPrefix in 1252: %s',
    (name) => {
      const { tokens, texts, end } = head(name);
      expect(tokens.slice(0, 3)).toEqual(['0x400884e4', '0x00170003', '0x001a84b0']);
      expect(texts.get('0x400884e4')).toMatch(/^\/O=FIRST ORGANIZATION\/OU=/);
      expect(texts.get('0x001a84b0')).toBe('IPM.Note');
      expect(end).toBe('fasttransfer.truncated');
    },
  );

  it('has the subject that the documentation shows', () =>
    expect(head('ews-export-3-head').texts.get('0x003784b0')).toBe('Interesting - from EWSMA'));

  it('ends an embedded message without section separators', () => {
    const { tokens, end } = fragment('ews-export-1-tail', 142);
    expect(tokens.slice(-3)).toEqual(['EndToRecip', 'EndEmbed', 'EndAttach']);
    expect(end).toBe('boundary');
  });

  it('separates recipients from attachments, and opens an embedded message with PidTagMid', () => {
    const { tokens } = fragment('ews-export-2-middle', 48);
    const at = tokens.indexOf('EndToRecip');
    expect(tokens.slice(at, at + 4)).toEqual(['EndToRecip', 'FXDelProp e13000d', 'NewAttach', '0x0e210003']);
    expect(tokens[tokens.indexOf('StartEmbed') + 1]).toBe('0x674a0014');
  });

  it('without subobjects ends with both separators', () => {
    const { tokens, end } = fragment('ews-import-tail', 14);
    expect(tokens).toEqual(['FXDelProp e12000d']);
    expect(end).toBe('fasttransfer.unknown-type');
    expect([...sample('ews-import-tail').subarray(-4)]).toEqual([...bytes([0x0d, 0x00, 0x13, 0x0e])]);
  });
});
