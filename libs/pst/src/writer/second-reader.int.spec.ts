import { createHash } from 'node:crypto';

import { ID, makeTag, PT } from '@pstream/mapi';
import { PSTFile, type PSTFolder, type PSTMessage } from 'pst-extractor';

import { keepItem } from '../fidelity/index.js';
import { file, mail, pattern, person, text } from './items.fixture.js';
import { memoryPart } from './memory-target.fixture.js';

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Folder paths with subjects, recipients and attachment bytes, as the npm package pst-extractor sees them. */
const seen = (bytes: Buffer): string[] => {
  const out: string[] = [];
  const walk = (folder: PSTFolder, path: string): void => {
    for (
      let at = folder.contentCount > 0 ? (folder.getNextChild() as PSTMessage | null) : null;
      at !== null;
      at = folder.getNextChild() as PSTMessage | null
    ) {
      out.push(`${path}: ${describeMessage(at)}`);
    }
    for (const sub of folder.hasSubfolders ? folder.getSubFolders() : []) walk(sub, `${path}/${sub.displayName}`);
  };
  walk(new PSTFile(bytes).getRootFolder(), '');
  return out;
};

const describeMessage = (message: PSTMessage): string => {
  const parts = [message.subject, message.displayTo, message.body];
  for (let i = 0; i < message.numberOfAttachments; i++) {
    const attachment = message.getAttachment(i);
    if (attachment.attachMethod === 5) parts.push('<message>');
    else {
      const bytes = Buffer.alloc(attachment.filesize);
      attachment.fileInputStream?.readCompletely(bytes);
      parts.push(`${attachment.longFilename} ${sha(bytes)}`);
    }
  }
  return parts.join(' | ');
};

describe('a part before pst-extractor', () => {
  it.each(['none', 'permute'] as const)('shows folders, messages, recipients and attachments with encoding %s', async (encoding) => {
    const { target, writer } = memoryPart({ recordKey: pattern(16, 2), displayName: 'Second reader', regionsPerExtent: 2, encoding });
    writer.ensureFolder({ key: 'in', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
    writer.ensureFolder({ key: 'sub', parent: 'in', name: 'Projekt Ü' });
    const attachments = [
      file('small.txt', 20),
      file('large.bin', 300_000),
      { properties: [], embedded: mail('inner', { attachments: [file('in.txt', 9000)] }) },
    ];
    const recipients = [person(1, 'Ann', 'ann@example.org'), person(1, 'Bob', 'bob@example.org')];
    await writer.addItem('in', mail('RE: With parts', { attachments, recipients }));
    for (let i = 0; i < 300; i++) await writer.addItem('sub', mail(`Number ${i}`, {}, [text(0x1035, `<${i}@example.org>`)]));
    await writer.seal();
    const found = seen(target.file());
    const bytes = (n: number): string => sha(pattern(n, n));
    const top = '/Top of Personal Folders/Inbox';
    expect(found[0]).toBe(
      `${top}: RE: With parts | Ann; Bob | body of RE: With parts | small.txt ${bytes(20)} | large.bin ${bytes(300_000)} | <message>`,
    );
    expect(found.slice(1)).toEqual(Array.from({ length: 300 }, (_, i) => `${top}/Projekt Ü: Number ${i} |  | body of Number ${i}`));
  });

  it('has a search key for recipients in upper case', () => {
    const { kept } = keepItem(mail('x', { recipients: [person(1, 'Ann', 'ann@example.org')] }));
    expect(Buffer.from(kept.recipients[0]?.valueOf(makeTag(ID.SearchKey, PT.Binary)) ?? []).toString()).toBe('SMTP:ANN@EXAMPLE.ORG\0');
  });
});
