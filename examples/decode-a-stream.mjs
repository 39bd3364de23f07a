// Tells what is in an export stream, as exportItems returns it (base64, in a file): node examples/decode-a-stream.mjs FILE
import { readFile } from 'node:fs/promises';
import { argv, stdout } from 'node:process';
import { decodeBase64, decodeExportStream } from '@pstream/fasttransfer';

const item = decodeExportStream(decodeBase64(await readFile(argv[2], 'utf8')));
stdout.write(`${item.properties.length} properties, ${item.recipients.length} recipients, ${item.attachments.length} attachments\n`);
for (const { id, type, value } of item.properties)
  stdout.write(`  0x${id.toString(16).padStart(4, '0')} type 0x${type.toString(16).padStart(4, '0')} ${value.length} bytes\n`);
for (const warning of item.warnings) stdout.write(`  ${warning}\n`);
