import { ATTACH_METHOD, MESSAGE_FLAG, PT, type Attachment, type MapiItem, type Property, type Recipient } from '@pstream/mapi';
import { Bag } from './bag.js';
import { decodeString8 } from '@pstream/mapi/code-pages';
import { damaged } from './faults.js';
import type { Position, TokenSink } from './lexer.js';
import { isForeignMeta, isItemMarker, MARKER, markerName, META, SECTION, TAG, tagText } from './wire.js';

// item           = content / ( StartMessage / StartFAIMsg ) content EndMessage      ; Exchange writes the first form
// content        = *property [FXDelProp 0E12000D] *recipient [FXDelProp 0E13000D] *attachment
// recipient      = StartRecip *property EndToRecip
// attachment     = NewAttach AttachNumber *property [StartEmbed content EndEmbed] EndAttach
// DnPrefix may stand among the properties of a message, EcWarning anywhere, FXDelProp anywhere between the parts of a message.

/** Embedded messages nest without a limit in the format; beyond this many the item is refused. */
export const MAX_DEPTH = 100;

type MessageFrame = {
  readonly is: 'message';
  readonly bag: Bag;
  readonly recipients: Recipient[];
  readonly attachments: Attachment[];
  readonly warnings: string[];
  /** The marker that closes it; undefined if the end of the data does. */
  end: number | undefined;
  /** Embedded messages around it. */
  readonly depth: number;
  part: 'properties' | 'recipients' | 'attachments';
  readonly sections: Set<number>;
  readonly pages: { message?: number; internet?: number };
  associated: boolean;
};
type RecipientFrame = { readonly is: 'recipient'; readonly bag: Bag };
type AttachmentFrame = { readonly is: 'attachment'; readonly bag: Bag; method: number | undefined; embedded: MapiItem | undefined };
type Frame = MessageFrame | RecipientFrame | AttachmentFrame;

/** Builds the item from tokens by the grammar above, without recursion. Throws the grammar's faults with the token's place. */
export class Assembler implements TokenSink {
  readonly #position: Position;
  readonly #maxDepth: number;
  readonly #root: MessageFrame = messageFrame(undefined, 0);
  #stack: Frame[] = [this.#root];
  /** The innermost message that is open. */
  #message: MessageFrame = this.#root;
  #started = false;
  #closed = false;

  constructor(position: Position, maxDepth = MAX_DEPTH) {
    this.#position = position;
    this.#maxDepth = maxDepth;
  }

  property(property: Property, head: number, undecoded: boolean): void {
    const frame = this.#top('a property', head);
    this.#started = true;
    if (head === META.EcWarning) return this.warn(`server-warning ${tagText(u32(property.value))}`);
    if (isForeignMeta(head)) throw this.#unexpected('a property of an item', head);
    if (frame.is === 'message') {
      if (head === META.FXDelProp) return this.#section(frame, u32(property.value));
      if (frame.part !== 'properties') throw this.#unexpected(`${frame.part} of a message`, head);
      if (property.id === META.DnPrefixId && property.type === PT.String) return;
      this.#note(frame, head, property);
    } else if (frame.is === 'attachment') {
      if (frame.embedded !== undefined) throw this.#unexpected('EndAttach', head);
      if (frame.bag.properties.length === 0 && head !== TAG.AttachNumber) this.warn('attach-number-missing');
      if (head === TAG.AttachMethod) frame.method = u32(property.value);
    }
    if (head === META.FXDelProp) throw this.#unexpected(`properties of ${frame.is}`, head);
    if (frame.bag.put(property)) this.warn(`duplicate-property ${tagText(head)}`);
    if (undecoded) frame.bag.defer(property, head, this.#position.streamOffset);
  }

  marker(head: number): void {
    if (head === MARKER.FXErrorInfo) throw damaged('server-error', this.#position.place(), { expected: 'an item', found: 'FXErrorInfo' });
    if (!isItemMarker(head))
      throw damaged('unknown-marker', this.#position.place(), { expected: 'a marker of an item', found: markerName(head) });
    const frame = this.#top('the end of the data', head);
    const first = !this.#started;
    this.#started = true;
    if (first && (head === MARKER.StartMessage || head === MARKER.StartFAIMsg)) {
      this.#root.end = MARKER.EndMessage;
      this.#root.associated = head === MARKER.StartFAIMsg;
    } else if (frame.is === 'message') this.#inMessage(frame, head);
    else if (frame.is === 'attachment') this.#inAttachment(frame, head);
    else if (head === MARKER.EndToRecip) {
      this.#stack.pop();
      this.#settle(frame.bag);
      this.#message.recipients.push({ properties: frame.bag.properties });
    } else throw this.#unexpected('a property of a recipient or EndToRecip', head);
  }

  /** Notes a warning of the current message, at the current element: `fasttransfer.<note> at <stream offset>`. */
  warn(note: string, streamOffset = this.#position.streamOffset): void {
    this.#message.warnings.push(`fasttransfer.${note} at 0x${streamOffset.toString(16)}`);
  }

  /** The data has ended: returns the item, or throws 'truncated' if something is still open. */
  finish(): MapiItem {
    const open = this.#stack.at(-1);
    if (open !== undefined && (open !== this.#root || open.end !== undefined)) {
      throw damaged('truncated', this.#position.place(), { expected: `the end of ${open.is}`, found: 'end of data' });
    }
    for (const [part, section] of Object.entries(SECTION)) {
      if (!this.#root.sections.has(section)) this.warn(`${part}-section-missing`);
    }
    return this.#closed ? toItem(this.#root) : this.#close(this.#root);
  }

  #inMessage(frame: MessageFrame, head: number): void {
    if (head === MARKER.StartRecip && frame.part !== 'attachments') {
      this.#leaveProperties(frame);
      frame.part = 'recipients';
      this.#stack.push({ is: 'recipient', bag: new Bag() });
    } else if (head === MARKER.NewAttach) {
      this.#leaveProperties(frame);
      frame.part = 'attachments';
      this.#stack.push({ is: 'attachment', bag: new Bag(), method: undefined, embedded: undefined });
    } else if (head === frame.end) {
      this.#stack.pop();
      const item = this.#close(frame);
      const around = this.#stack.at(-1);
      if (around?.is === 'attachment') {
        around.embedded = item;
        this.#message = this.#stack.at(-2) as MessageFrame;
      } else this.#closed = true;
    } else throw this.#unexpected(`${frame.part} of a message`, head);
  }

  #inAttachment(frame: AttachmentFrame, head: number): void {
    if (head === MARKER.StartEmbed && frame.embedded === undefined) {
      const depth = this.#message.depth + 1;
      if (depth > this.#maxDepth) throw damaged('too-deep', this.#position.place(), { expected: this.#maxDepth, found: depth });
      // The attachment's own strings settle with the pages of the message around it.
      this.#settle(frame.bag);
      this.#message = messageFrame(MARKER.EndEmbed, depth, this.#message.pages);
      this.#stack.push(this.#message);
    } else if (head === MARKER.EndAttach) {
      this.#stack.pop();
      this.#settle(frame.bag);
      if ((frame.method === ATTACH_METHOD.embedded) !== (frame.embedded !== undefined)) {
        this.warn(frame.embedded === undefined ? 'embedded-message-missing' : 'embedded-message-unannounced');
      }
      this.#message.attachments.push({ properties: frame.bag.properties, ...(frame.embedded && { embedded: frame.embedded }) });
    } else throw this.#unexpected('a property of an attachment, StartEmbed or EndAttach', head);
  }

  #section(frame: MessageFrame, target: number): void {
    this.#leaveProperties(frame);
    if (target === SECTION.attachments) frame.part = 'attachments';
    else if (target !== SECTION.recipients) this.warn(`unknown-section ${tagText(target)}`);
    else if (frame.part === 'properties') frame.part = 'recipients';
    frame.sections.add(target);
  }

  /** Looks at the few properties of a message that the reader itself needs. */
  #note(frame: MessageFrame, head: number, property: Property): void {
    if (head === TAG.MessageFlags) frame.associated = frame.associated || (property.value[0]! & MESSAGE_FLAG.associated) !== 0;
    else if (head === TAG.MessageCodepage) frame.pages.message = u32(property.value);
    else if (head === TAG.InternetCodepage) frame.pages.internet = u32(property.value);
  }

  #leaveProperties(frame: MessageFrame): void {
    if (frame.part === 'properties') this.#settle(frame.bag);
  }

  #settle(bag: Bag): void {
    bag.settle((bytes, head, streamOffset) => this.#fallback(bytes, head, streamOffset));
  }

  /** A string whose own type does not explain it: by the message's pages, then 1252, which keeps every byte. A PtypString8 is meant to be read so;
   *  a page in the type that is not known, or that its bytes do not fit, makes a guess of it. */
  #fallback(bytes: Uint8Array, head: number, streamOffset: number): Uint8Array {
    const { message, internet } = this.#message.pages;
    const { text, page, isGuess } = decodeString8(bytes, [message, internet]);
    const isAscii = text.length === bytes.length * 2 && bytes.every((byte) => byte < 0x80);
    if (isGuess || (isPaged(head) && !isAscii)) this.warn(`code-page-guessed ${tagText(head)} as ${page}`, streamOffset);
    return text;
  }

  #close(frame: MessageFrame): MapiItem {
    this.#leaveProperties(frame);
    return toItem(frame);
  }

  #top(expected: string, head: number): Frame {
    const frame = this.#stack.at(-1);
    if (frame === undefined) throw this.#unexpected(expected, head);
    return frame;
  }

  #unexpected(expected: string, head: number): Error {
    const marker = isItemMarker(head);
    return damaged(marker ? 'unexpected-marker' : 'unexpected-property', this.#position.place(), {
      expected,
      found: marker ? markerName(head) : tagText(head),
    });
  }
}

const messageFrame = (end: number | undefined, depth: number, pages: MessageFrame['pages'] = {}): MessageFrame => ({
  is: 'message',
  bag: new Bag(),
  recipients: [],
  attachments: [],
  warnings: [],
  end,
  depth,
  part: 'properties',
  sections: new Set(),
  pages: { ...pages },
  associated: false,
});

const toItem = ({ bag, recipients, attachments, associated, warnings }: MessageFrame): MapiItem => ({
  properties: bag.properties,
  recipients,
  attachments,
  associated,
  warnings,
});

/** Whether the type of a string names a code page. */
const isPaged = (head: number): boolean => (head & 0x8000) !== 0;

const u32 = (bytes: Uint8Array): number => (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
