// Writes a generated tenant as a tenant dump: streams made once, so that no clock runs while they are made.
import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedTenant } from '@pstream/tenant-sim';

/** Writes the dump and returns its export streams in the order of the listings. */
export const writeDump = async (directory, options) => {
  const tenant = generatedTenant(options);
  const all = [];
  const users = [];
  for (const user of tenant.users) {
    const directories = { primary: null, archive: null };
    for (const kind of ['primary', 'archive']) {
      if (user[kind] === undefined) continue;
      directories[kind] = `${user.userPrincipalName.split('@')[0]}-${kind}`;
      all.push(...(await writeMailbox(join(directory, directories[kind]), user[kind])));
    }
    if (directories.primary !== null)
      users.push({ userPrincipalName: user.userPrincipalName, displayName: user.displayName, ...directories });
  }
  await writeFile(join(directory, 'tenant.json'), JSON.stringify({ tenantId: tenant.tenantId, users }));
  await tenant.close();
  return all;
};

const writeMailbox = async (directory, mailbox) => {
  await mkdir(directory);
  const folders = mailbox.folders().filter((folder) => folder.searchOf === undefined && folder.recoverable !== true);
  const [folderLines, itemLines, streams] = [[], [], []];
  let offset = 0;
  const file = await open(join(directory, 'streams.bin'), 'w');
  for (const folder of folders) {
    const { id, parentId, displayName, type, wellKnownName, isHidden } = folder;
    folderLines.push({ id, parentId, displayName, type, wellKnownName, isHidden });
    for (const item of await mailbox.items(folder, 0, folder.count)) {
      const stream = await mailbox.stream(item);
      await file.write(stream);
      streams.push(stream);
      const sha256 = createHash('sha256').update(stream).digest('hex');
      const { id: itemId, type: itemType, size, created, modified, changeKey } = item;
      const times = { createdDateTime: created, lastModifiedDateTime: modified };
      itemLines.push({
        id: itemId,
        folderId: id,
        type: itemType,
        size,
        ...times,
        changeKey,
        associated: false,
        stream: { offset, bytes: stream.length, sha256 },
      });
      offset += stream.length;
    }
  }
  await file.close();
  const lines = (values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  await writeFile(join(directory, 'folders.jsonl'), lines(folderLines));
  await writeFile(join(directory, 'items.jsonl'), lines(itemLines));
  return streams;
};
