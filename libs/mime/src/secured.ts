import { type Attachment } from '@pstream/mapi';
import type { Email } from 'postal-mime';
import { fileAttachment } from './attachments.js';
import { incomplete } from './faults.js';
import { headEnd } from './mime-head.js';

/** The one attachment of an S/MIME message ([MS-OXOSMIME] 2.1): of a signed one the whole MIME entity with its Content-Type, of an encrypted or
 *  opaque one the CMS bytes. Neither is opened, so that signatures keep fitting. */
export const securedAttachment = (email: Email, type: string, mime: Uint8Array, at: string | undefined): Attachment => {
  const raw = Buffer.from(mime.buffer, mime.byteOffset, mime.length);
  if (/^content-type\s*:\s*multipart\/signed\b/i.test(type)) {
    const body = raw.subarray(headEnd(raw));
    const content = Buffer.concat([Buffer.from(`${type.replaceAll(/\r?\n/g, '\r\n')}\r\n`, 'latin1'), body]);
    return fileAttachment({ name: 'smime.p7m', mimeType: 'multipart/signed', content, at }, 0);
  }
  const part = email.attachments.find(({ mimeType }) => /^application\/(x-)?pkcs7-mime$/.test(mimeType));
  if (part === undefined || typeof part.content === 'string') throw incomplete('the secured content');
  return fileAttachment({ name: part.filename ?? 'smime.p7m', mimeType: part.mimeType, content: new Uint8Array(part.content), at }, 0);
};
