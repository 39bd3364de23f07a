import { ID } from '@pstream/mapi';
import type { Bag } from './bag.js';
import { textOf } from './fields.js';
import type { JsonObject } from './plain-item.js';

/** Code page 65001: how every text here is written. */
const UTF8 = 65001;
// PidTagNativeBody, [MS-OXCMSG] 2.2.1.58.2.
const NATIVE = { text: 1, html: 3 } as const;

/** The bodies of an item. HTML is written as UTF-8 and says so, since its bytes are no longer in the page it may name. */
export const putBodies = (bag: Bag, bodies: { readonly text?: string | undefined; readonly html?: string | undefined }): void => {
  const { text, html } = bodies;
  bag.int(ID.InternetCodepage, UTF8).int(ID.MessageCodepage, UTF8);
  if (html !== undefined && html !== '') bag.binary(ID.Html, Buffer.from(inUtf8(html))).int(ID.NativeBody, NATIVE.html);
  else if (text !== undefined) bag.int(ID.NativeBody, NATIVE.text);
  bag.text(ID.Body, text?.replaceAll(/\r?\n/g, '\r\n'));
};

/** The body of a Graph resource. */
export const putItemBody = (bag: Bag, body: JsonObject): void => {
  const content = textOf(body, 'content') ?? undefined;
  putBodies(bag, textOf(body, 'contentType')?.toLowerCase() === 'html' ? { html: content } : { text: content });
};

/** Bytes in which browsers look for a page's own word about its characters; rounded up. */
const HEAD = 4096;

const inUtf8 = (html: string): string =>
  html.slice(0, HEAD).replaceAll(/(<meta\b[^>]*?\bcharset\s*=\s*["']?)[^"'\s/>;]+/gi, '$1utf-8') + html.slice(HEAD);
