import { open } from 'node:fs/promises';
import { isCompoundFile, isTnef } from '@pstream/msg';
import type { Form } from '../origin.js';

const HEAD_BYTES = 4096;
/** dwMagic, and wMagicClient of a PST and of an OST. [MS-PST] 2.2.2.6. */
const STORE = '!BDN';
const CLIENT_AT = 8;
const OST_CLIENT = 'SO';
/** The line before each message of an mbox. RFC 4155. */
const MBOX = /^From \S/;
const HEADER_FIELD = /^(?:\uFEFF)?[!-9;-~]{1,76}:[ \t]?/;
/** Files of one message that begin as any text may. */
const MAIL_NAME = /\.(?:eml|mht|mhtml|nws)$/i;
/** Fields one of which every message has. */
const MAIL_FIELD = /^(?:return-path|received|delivered-to|message-id|from|date|mime-version|subject|x-[\w-]+):/im;

/** A store by its name, whose first bytes may be lost. */
const STORE_NAME = /\.(pst|ost)$/i;

/** What a file is: by its first bytes, and messages of bare text by their header fields. Undefined for what is no mail. With `recover` a store
 *  that has lost its first bytes is one by its name. */
export const formOf = async (path: string, recover: boolean): Promise<Form | undefined> => {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const form = formOfHead(buffer.subarray(0, bytesRead), path);
    if (form !== undefined || !recover) return form;
    const [, end] = STORE_NAME.exec(path) ?? [];
    return end === undefined ? undefined : end.toLowerCase() === 'ost' ? 'ost' : 'pst';
  } finally {
    await file.close();
  }
};

/** The same of the first bytes alone. */
const formOfHead = (head: Buffer, name: string): Form | undefined => {
  if (head.subarray(0, 4).toString('latin1') === STORE)
    return head.subarray(CLIENT_AT, CLIENT_AT + 2).toString('latin1') === OST_CLIENT ? 'ost' : 'pst';
  if (isCompoundFile(head)) return 'msg';
  if (isTnef(head)) return 'tnef';
  const text = head.toString('latin1');
  if (MBOX.test(text)) return 'mbox';
  if (MAIL_NAME.test(name)) return 'eml';
  return HEADER_FIELD.test(text) && MAIL_FIELD.test(text.split(/\r?\n\r?\n/, 1)[0] ?? '') ? 'eml' : undefined;
};
