import { decodeBase64, decodeExportStream, encodeExportStream } from './index.js';
import { EXAMPLE, EXAMPLE_BASE64 } from './items.fixture.js';

describe('the worked example of the format page', () => {
  const file = decodeBase64(EXAMPLE_BASE64);

  it('has 283 bytes', () => expect(file).toHaveLength(283));
  it('decodes to its item', () => expect(decodeExportStream(file)).toEqual(EXAMPLE));
  it('is what its item encodes to, byte for byte', () => expect(Buffer.from(encodeExportStream(EXAMPLE)).equals(file)).toBe(true));
});
