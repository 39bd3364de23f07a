import { open } from 'node:fs/promises';
import { sampleId } from '../scan/samples.js';
import { foreign, unreadable, type Part, type SendPorts, type Sent } from './send-file.js';

/** What `sendFile` would do, without doing it: the file can be opened, and its name is free at the destination or taken by the file itself. */
export const tryFile = async (path: string, { partId, name }: Part, { store, signal }: SendPorts): Promise<Sent> => {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(error);
  });
  try {
    const { size } = await file.stat();
    const there = await store.head(name, signal);
    if (there !== undefined && there.metadata['part'] !== partId) throw foreign(name);
    return { bytes: size, sha256: there?.metadata['fileSha256'] ?? '', isNew: there === undefined, id: await sampleId(file, size) };
  } finally {
    await file.close();
  }
};
