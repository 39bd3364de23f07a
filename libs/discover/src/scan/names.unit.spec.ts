import { checkUploadName } from '@pstream/blob/folder';
import fc from 'fast-check';
import { holderIn } from './locks.js';
import { comparePositions } from './position.js';
import { uploadName } from './upload-name.js';

describe('the name of a store at its destination', () => {
  it('is that of the file with digits of where it lies', () => {
    expect(uploadName('pc1', '/home/ann/archive.pst', 'pst')).toMatch(/^archive-[0-9a-f]{8}\.pst$/);
    expect(uploadName('pc1', '/home/ann/mail.ost', 'ost')).toMatch(/^mail-[0-9a-f]{8}\.ost$/);
    expect(uploadName('pc1', '/a/x.pst', 'pst')).not.toBe(uploadName('pc1', '/b/x.pst', 'pst'));
    expect(uploadName('pc1', '/a/x.pst', 'pst')).not.toBe(uploadName('pc2', '/a/x.pst', 'pst'));
  });
  it('is a name that every destination takes, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        expect(checkUploadName(uploadName('pc', `/x/${name}.pst`, 'pst'))).toBeNull();
      }),
    );
    for (const name of ['con.x', 'NUL.pst', '...', ' . ', '\u202Egnp.pst', 'a/b', 'x'.repeat(300), '📬'.repeat(80), 'com1.y.z'])
      expect([name, checkUploadName(uploadName('pc', `/x/${name}.pst`, 'pst'))]).toEqual([name, null]);
  });
});

describe('the order of a walk', () => {
  it('has a folder before what is in it, and that before what follows the folder', () => {
    const walked = [
      { root: 0, names: [] },
      { root: 0, names: ['a'] },
      { root: 0, names: ['a', 'z'] },
      { root: 0, names: ['a.pst'] },
      { root: 0, names: ['b'] },
      { root: 1, names: ['a'] },
    ];
    const shuffled = [3, 0, 5, 2, 4, 1].flatMap((at) => walked.slice(at, at + 1));
    expect(shuffled.toSorted(comparePositions)).toEqual(walked);
  });
});

describe('locks of the kernel', () => {
  const LOCKS = `1: POSIX  ADVISORY  READ  700 08:01:4242 0 EOF
2: FLOCK  ADVISORY  WRITE 900 fd:02:4242 0 EOF
2: -> FLOCK  ADVISORY  WRITE 901 fd:02:4243 0 EOF
`;
  // Devices 8:1 and 253:2.
  const [sda1, dm2] = [0x801n, 0xfd02n];
  it('name the process that may write', () => expect(holderIn(LOCKS, dm2, 4242n)).toBe(900));
  it('count for the very file, on its own device', () => {
    expect(holderIn(LOCKS, sda1, 4242n)).toBeUndefined();
    expect(holderIn(LOCKS, dm2, 42n)).toBeUndefined();
  });
  it('also name who waits for one', () => expect(holderIn(LOCKS, dm2, 4243n)).toBe(901));
});
