import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSource, openPst } from '@pstream/pst/reader';
import { pstList } from '@pstream/pst/tools';
import { tempDir } from '@pstream/testing';
import { convert } from './convert.js';
import type { ConvertOptions } from './options.js';
import type { Loss } from './report.js';

/** A message from Ada to Ben; `more` are further header fields, or an empty line and a beginning of its text. */
export const mail = (subject: string, more = ''): string =>
  `From: Ada <ada@contoso.example>\r\nTo: Ben <ben@contoso.example>\r\nDate: Mon, 1 Jul 2024 10:00:00 +0200\r\nSubject: ${subject}\r\n${more}\r\nText of ${subject}.\r\n`;

/** A converter into a folder of its own. */
export const scene = () => {
  const dir = tempDir();
  const losses: Loss[] = [];
  let keys = 0;
  const path = (name: string): string => join(dir, name);
  const put = (name: string, content: string | Uint8Array): string => {
    mkdirSync(join(path(name), '..'), { recursive: true });
    writeFileSync(path(name), content);
    return path(name);
  };
  const run = (sources: readonly string[], more: Partial<ConvertOptions> = {}) =>
    convert({
      sources,
      nameOf: (ordinal) => path(ordinal === 1 ? 'out.pst' : `out.00${ordinal}.pst`),
      displayName: 'out',
      createdAt: '2024-01-01T00:00:00Z',
      recordKey: () => new Uint8Array(16).fill(++keys),
      onLoss: (loss) => void losses.push(loss),
      ...more,
    });
  return { dir, path, put, run, losses };
};

/** `folder: subject` of every item, in order. */
export const contentsOf = async (path: string): Promise<string[]> => {
  const source = await fileSource(path);
  const out: string[] = [];
  for await (const entry of pstList(await openPst(source, { mode: 'strict' }), { items: true }))
    out.push(entry.kind === 'item' ? `${entry.path.split('#')[0] ?? ''}: ${entry.subject ?? ''}` : entry.path);
  await source.close();
  return out;
};
