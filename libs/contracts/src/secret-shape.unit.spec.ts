import { secretShapeOf } from './secret-shape.js';

const bytes = (length: number): Buffer => Buffer.alloc(length, 0xa7);
const signature = encodeURIComponent(bytes(32).toString('base64'));
const key = bytes(64).toString('base64');
const jwt = ['{"alg":"RS256"}', '{"aud":"https://graph.microsoft.com"}', 'signature-of-it']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');

describe('a text that looks like a secret', () => {
  it.each([
    ['sas', `https://contosopst.blob.core.windows.net/?sv=2024-11-04&ss=b&srt=co&sp=rwl&se=2027-01-01&sig=${signature}`],
    ['sas', `sv=2024-11-04&sig=${signature}&sr=c`],
    ['sas', `sig=${bytes(32).toString('base64')}`],
    ['account-key', key],
    ['account-key', `the key is ${key}.`],
    ['account-key', `DefaultEndpointsProtocol=https;AccountName=contosopst;AccountKey=${key};EndpointSuffix=core.windows.net`],
    ['jwt', jwt],
    ['jwt', `Bearer ${jwt}`],
    ['jwt', `https://hooks.example/token_${jwt}/x`],
    ['client-secret', `abc8Q~${'x'.repeat(34)}`],
    ['client-secret', `secret: Ab-8Q~${'.x~_-'.repeat(7)}`],
    ['private-key', '-----BEGIN PRIVATE KEY-----\nMIIE'],
    ['private-key', '-----BEGIN RSA PRIVATE KEY-----'],
    ['api-token', `pstream_${bytes(32).toString('base64url')}`],
  ])('is recognised as %s', (shape, text) => expect(secretShapeOf(text)).toBe(shape));

  it.each([
    'Leavers 2026, the second attempt after the first one was stopped',
    'https://contosopst.blob.core.windows.net',
    '^(?!Inbox$).*/(Projects|Contracts)/[0-9]{4}-[0-9]{2}/.*==$',
    '6f0d5c1e-6a4e-4f8c-9a53-0d8f6f0f3a11',
    '9f2c5e0b7a1d4c3e8f6a9b0c1d2e3f409f2c5e0b7a1d4c3e8f6a9b0c1d2e3f40',
    'A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90',
    'design=modern-with-a-very-long-value-behind-it',
    'eyJoZWFkZXIi.only-two-parts-here-and-no-third',
    `${'a'.repeat(64)}.pst`,
    '/srv/exports/customers/contoso/2026/leavers/first-wave/archive-and-mailboxes/all',
  ])('is not seen in %s', (text) => expect(secretShapeOf(text)).toBeUndefined());

  // Whoever sends them has not been asked who they are yet: each is looked through in time that grows with its length alone.
  it.each(['eyJ', 'sig=', 'eyJeyJeyJey.', '1Q~', 'pstream_', 'AccountKey=', '-----BEGIN ', 'A'])(
    'is looked for in a million letters of %s',
    (piece) => void secretShapeOf(piece.repeat(1_000_000 / piece.length)),
  );
});
