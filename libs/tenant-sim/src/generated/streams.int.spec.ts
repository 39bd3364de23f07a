import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeShared, tempDir } from '@pstream/testing';
import { generatedTenant } from './generated-tenant.js';

const SCRIPT = `
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import fts
count = 0
for file in sorted(pathlib.Path(sys.argv[2]).glob('*.bin')):
    data = file.read_bytes()
    message = fts.decode(data)
    assert not message.warnings, (file.name, message.warnings)
    assert fts.encode(message) == data, file.name
    count += 1
print(count)
`;

describeShared('generated streams', (shared) => {
  it('are read by an independent decoder without a warning, and its encoder writes the same bytes', async () => {
    const directory = tempDir();
    let count = 0;
    for (const user of generatedTenant({ seed: 21, mailboxes: 7, itemsPerMailbox: 60, archives: 1, sizeProfile: 'small' }).users) {
      for (const box of [user.primary, user.archive]) {
        for (const folder of box?.folders() ?? []) {
          for (const item of (await box?.items(folder, 0, folder.count)) ?? []) {
            writeFileSync(join(directory, `${String(count++).padStart(4, '0')}.bin`), (await box?.stream(item)) ?? '');
          }
        }
      }
    }
    const out = execFileSync('python3', ['-c', SCRIPT, join(shared, 'tools'), directory], { encoding: 'utf8' });
    expect(Number(out)).toBe(count);
    expect(count).toBeGreaterThan(450);
  }, 60_000);
});
