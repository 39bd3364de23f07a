// Lists folders and subjects of a PST: node examples/read-a-pst.mjs FILE
import { argv, stdout } from 'node:process';
import { ID, PT } from '@pstream/mapi';
import { fileSource, openPst } from '@pstream/pst/reader';

const source = await fileSource(argv[2]);
try {
  const pst = await openPst(source, { mode: 'lenient' });
  for await (const folder of pst.folders()) {
    stdout.write(`/${folder.path.join('/')}\n`);
    for await (const pending of pst.items(folder)) {
      const { properties } = await pending.item({ maxAttachmentBytes: 1_000_000 });
      const subject = properties.find(({ id, type }) => id === ID.Subject && type === PT.String)?.value ?? new Uint8Array();
      // A subject may begin with two characters that give the length of its prefix: U+0001 and the length.
      const text = new TextDecoder('utf-16le').decode(subject);
      stdout.write(`  ${text.startsWith('\u0001') ? text.slice(2) : text}\n`);
    }
  }
} finally {
  await source.close();
}
