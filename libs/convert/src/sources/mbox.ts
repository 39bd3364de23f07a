import { open } from 'node:fs/promises';
import { isExpunged, mailItem } from '@pstream/mime';
import type { Entry, Loaded, Origin } from '../origin.js';
import { MAX_MAIL_BYTES, tooLarge } from './too-large.js';
import { unreadable } from './unreadable.js';

/** Chunks of one line before it is handed on without its end. */
const MOST_PIECES = 64;
const CHUNK_BYTES = 1 << 18;
const FIRST_BYTES = 1 << 14;
const NOTHING = Buffer.alloc(0);
const LF = 0x0a;
const FROM = Buffer.from('From ');
/** A line that an mbox quotes so that it begins no message: each reader takes one `>` away (mboxrd; mboxo quotes less, and is read alike). */
const QUOTED = /^>+From /;

/** An mbox of any flavour: messages begin at a line `From …` behind an empty line or the file's beginning. RFC 4155. */
export const mboxOrigin = (path: string, folder: readonly string[]): Origin => {
  let expunged = 0;
  return {
    form: 'mbox',
    async *entries(signal) {
      yield { kind: 'folder', path: folder };
      let number = 0;
      for await (const message of messagesOf(path, signal)) {
        number++;
        if ('bytes' in message && isExpunged(message.bytes)) expunged++;
        else yield entryOf(folder, number, message);
      }
    },
    met: () => [],
    problems: () => (expunged === 0 ? [] : [`${expunged} messages are deleted in Thunderbird and were left out`]),
    close: () => Promise.resolve(),
  };
};

const entryOf = (path: readonly string[], number: number, message: Message): Entry => ({
  kind: 'item',
  path,
  where: `message ${number}`,
  load: (): Promise<Loaded> => {
    if ('bytes' in message) return mailItem(message.bytes);
    throw tooLarge(message.skipped, MAX_MAIL_BYTES);
  },
});

type Message = { readonly bytes: Buffer } | { readonly skipped: number };

/** One message under construction: in one piece of memory, since it may have millions of lines. */
class Gathering {
  #content = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #bytes = 0;
  #lastLineAt = 0;

  add(line: Buffer): void {
    this.#lastLineAt = this.#bytes;
    this.#bytes += line.length;
    if (this.#bytes > MAX_MAIL_BYTES) {
      this.#content = NOTHING;
      return;
    }
    if (this.#bytes > this.#content.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(MAX_MAIL_BYTES, Math.max(this.#bytes, 2 * this.#content.length)));
      this.#content.copy(larger, 0, 0, this.#lastLineAt);
      this.#content = larger;
    }
    line.copy(this.#content, this.#lastLineAt);
  }

  /** The message without the empty line that only separates it from the next. */
  end(isLast: boolean): Message {
    if (this.#bytes > MAX_MAIL_BYTES) return { skipped: this.#bytes };
    const isSeparated = !isLast && isEmpty(this.#content.subarray(this.#lastLineAt, this.#bytes));
    return { bytes: this.#content.subarray(0, isSeparated ? this.#lastLineAt : this.#bytes) };
  }
}

async function* messagesOf(path: string, signal: AbortSignal | undefined): AsyncGenerator<Message> {
  let current: Gathering | undefined;
  let afterEmpty = true;
  for await (const line of linesOf(path, signal)) {
    if (afterEmpty && line.subarray(0, FROM.length).equals(FROM)) {
      if (current !== undefined) yield current.end(false);
      current = new Gathering();
    } else current?.add(unquoted(line));
    afterEmpty = isEmpty(line);
  }
  if (current !== undefined) yield current.end(true);
}

const isEmpty = (line: Buffer): boolean => line.length <= 2 && line.every((byte) => byte === LF || byte === 0x0d);

const unquoted = (line: Buffer): Buffer =>
  line[0] === 0x3e && QUOTED.test(line.subarray(0, 200).toString('latin1')) ? line.subarray(1) : line;

/** Lines with their ends; a very long one in pieces. What is added to the file meanwhile is not read: it may be half a message. */
async function* linesOf(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const file = await open(path, 'r').catch(unreadable);
  try {
    const { size } = await file.stat();
    let rest: Buffer[] = [];
    for (let position = 0; position < size; ) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size - position));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position).catch(unreadable);
      if (bytesRead === 0) break;
      position += bytesRead;
      const chunk = buffer.subarray(0, bytesRead);
      let from = 0;
      for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
        const end = chunk.subarray(from, at + 1);
        yield rest.length === 0 ? end : Buffer.concat([...rest, end]);
        rest = [];
        from = at + 1;
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
      if (rest.length > MOST_PIECES) {
        yield Buffer.concat(rest);
        rest = [];
      }
    }
    if (rest.length > 0) yield Buffer.concat(rest);
  } finally {
    await file.close();
  }
}
