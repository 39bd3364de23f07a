/** How a global object id begins, and how one of another calendar's UID is marked. [MS-OXOCAL] 2.2.1.27. */
const HEAD = Buffer.from('040000008200e00074c5b7101a82e008', 'hex');
const FOREIGN = Buffer.from('vCal-Uid\u0001\u0000\u0000\u0000', 'latin1');

/** PidLidGlobalObjectId of an iCalendar UID: Outlook's own are the id in hexadecimal, others are wrapped. */
export const globalObjectId = (uid: string): Uint8Array => {
  if (/^040000008200E00074C5B7101A82E008([0-9A-F]{2})*$/i.test(uid)) return Uint8Array.from(Buffer.from(uid, 'hex'));
  const data = Buffer.concat([FOREIGN, Buffer.from(`${uid}\u0000`)]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  return Buffer.concat([HEAD, Buffer.alloc(4 + 8 + 8), size, data]);
};
