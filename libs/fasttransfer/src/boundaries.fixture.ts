import { Lexer, Position } from './lexer.js';
import { RecordReader } from './records.js';
import { Spans } from './spans.js';
import { HEAD } from './wire.fixture.js';
import { OPCODE } from './wire.js';

/** The inner stream of an export file, joined. */
const innerStream = (content: Uint8Array): Uint8Array => {
  const spans = new Spans();
  new RecordReader(spans).push(content);
  return spans.take(spans.left);
};

/** An export file cut before each of its elements: what a server that stops between two elements sends. Files come one at a time,
 *  with the place of the cut; `wanted` says which of them are made. */
export function* cutAtElements(content: Uint8Array, wanted: (before: Boundary) => boolean = () => true): Generator<Cut> {
  const inner = innerStream(content);
  const boundaries: Boundary[] = [];
  const spans = new Spans();
  spans.append(inner, 0);
  const position = new Position();
  let depth = 0;
  let attachments = 0;
  const note = (head: number): void => void boundaries.push({ offset: position.streamOffset, head, depth, attachments });
  const lexer = new Lexer(
    spans,
    {
      marker(head) {
        note(head);
        if (OPENS.has(head)) depth++;
        else depth--;
        if (depth === 0 && head === END_ATTACH) attachments++;
      },
      property: (_property, head) => note(head),
      warn: () => undefined,
    },
    position,
  );
  lexer.ended = true;
  lexer.run().next();
  for (const boundary of boundaries) if (wanted(boundary)) yield { ...boundary, content: fileOf(inner.subarray(0, boundary.offset)) };
}

const fileOf = (inner: Uint8Array): Uint8Array => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(OPCODE.TransferBuffer);
  head.writeUInt32LE(inner.length, 4);
  return Uint8Array.from(Buffer.concat([HEAD, head, inner]));
};

/** A place between two elements: its offset in the inner stream, the tag or marker after it, the objects that are open there, and the attachments
 *  of the item that are complete. */
export type Boundary = { readonly offset: number; readonly head: number; readonly depth: number; readonly attachments: number };
export type Cut = Boundary & { readonly content: Uint8Array };

const END_ATTACH = 0x400e0003;
/** NewAttach, StartEmbed, StartRecip. */
const OPENS: ReadonlySet<number> = new Set([0x40000003, 0x40010003, 0x40030003]);
