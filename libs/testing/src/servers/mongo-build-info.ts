import { connect } from 'node:net';

const OP_MSG = 2013;

/** What a server says about itself, as far as it tells a stand-in from MongoDB. */
export type MongoBuild = { readonly version: string; readonly isMongoDb: boolean };

/** Asks a server for buildInfo with one hand-made OP_MSG, so that these helpers need no driver. MongoDB lists its storage
 *  engines and its allocator; servers that only speak its protocol do not. */
export const mongoBuildInfo = async (host: string, port: number): Promise<MongoBuild> => {
  const reply = await exchange(host, port, request());
  // Header 16, flag bits 4, section kind 1, then the document.
  const fields = topLevel(reply.subarray(21));
  return { version: String(fields.get('version') ?? 'unknown'), isMongoDb: fields.has('storageEngines') && fields.has('allocator') };
};

const request = (): Buffer => {
  const body = Buffer.concat([int32Field('buildInfo', 1), stringField('$db', 'admin')]);
  const document = Buffer.concat([int32(body.length + 5), body, Buffer.of(0)]);
  return Buffer.concat([int32(21 + document.length), int32(1), int32(0), int32(OP_MSG), int32(0), Buffer.of(0), document]);
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);
const int32Field = (name: string, value: number): Buffer => Buffer.concat([Buffer.of(0x10), cstring(name), int32(value)]);
const stringField = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.of(0x02), cstring(name), int32(Buffer.byteLength(value) + 1), cstring(value)]);

const exchange = (host: string, port: number, message: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 10_000 });
    let received = Buffer.alloc(0);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.on('connect', () => socket.write(message));
    socket.on('timeout', () => fail(new Error('no answer to buildInfo')));
    socket.on('error', fail);
    socket.on('close', () => reject(new Error('connection closed before the answer to buildInfo')));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 4 || received.length < received.readInt32LE(0)) return;
      resolve(received);
      socket.destroy();
    });
  });

/** Names of the top-level BSON fields; values only of strings. */
const topLevel = (document: Buffer): Map<string, string | undefined> => {
  const fields = new Map<string, string | undefined>();
  let at = 4;
  while (at < document.length && document[at] !== 0) {
    const type = document[at];
    const nameEnd = document.indexOf(0, at + 1);
    const name = document.toString('utf8', at + 1, nameEnd);
    at = nameEnd + 1;
    if (type === 0x02) fields.set(name, document.toString('utf8', at + 4, at + 3 + document.readInt32LE(at)));
    else fields.set(name, undefined);
    at += sizeOf(type, document, at);
  }
  return fields;
};

/** Bytes of a BSON value; an unknown type ends the walk, since nothing behind it can be placed. */
const sizeOf = (type: number | undefined, document: Buffer, at: number): number => {
  switch (type) {
    case 0x01: // double
    case 0x09: // date
    case 0x11: // timestamp
    case 0x12: // int64
      return 8;
    case 0x02: // string
      return 4 + document.readInt32LE(at);
    case 0x03: // document
    case 0x04: // array
      return document.readInt32LE(at);
    case 0x05: // binary
      return 5 + document.readInt32LE(at);
    case 0x07: // object id
      return 12;
    case 0x08: // boolean
      return 1;
    case 0x0a: // null
      return 0;
    case 0x10: // int32
      return 4;
    default:
      return document.length;
  }
};
