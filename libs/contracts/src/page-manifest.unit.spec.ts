import { Fault } from '@pstream/kernel';
import { manifestSha256, parseManifest, type PageManifest } from './page-manifest.js';

const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const caught = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('a page manifest', () => {
  const page: PageManifest = {
    items: [{ key: 'k', id: 'i', changeKey: null, type: 'IPM.Note', size: 5 }],
    repeats: 0,
    mailbox: { id: 'm', version: 'beta' },
    next: null,
    delta: null,
  };
  const refTo = (bytes: Uint8Array) => ({ key: 'manifests/p/f-1.json', sha256: manifestSha256(bytes) });

  it('is read back as it was stored', () => expect(parseManifest(refTo(encoded(page)), encoded(page))).toEqual(page));
  it.each([
    ['other bytes than were stored', refTo(encoded(page)), encoded({ ...page, repeats: 1 })],
    ['bytes that are no page', refTo(encoded({})), encoded({})],
    ['bytes that are no JSON', refTo(new Uint8Array([123])), new Uint8Array([123])],
  ])('is damaged when it holds %s', (_, ref, bytes) => {
    const error = caught(() => parseManifest(ref, bytes));
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ code: 'manifest.damaged', retry: 'never', facts: { key: ref.key } });
  });
});
