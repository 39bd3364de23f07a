import { MailboxesBody, ProjectBody, TokenBody } from './bodies.js';
import { EndpointBody, SecretBody } from './endpoint-bodies.js';
import { accountKeyIn, sasIn, secretTexts } from './secret-texts.js';

const base64 = (length: number): string => Buffer.alloc(length, 0xa7).toString('base64');
const TOKEN = `sv=2024-11-04&ss=b&srt=sco&sp=rwl&se=2027-01-01T00:00:00Z&sig=${encodeURIComponent(base64(32))}`;
const URL_OF = 'https://contosopst.blob.core.windows.net/';
const KEY = base64(64);

const azure = (more: object): unknown => ({
  kind: 'azure-blob',
  name: 'Azure',
  account: 'contosopst',
  region: 'westeurope',
  credential: { kind: 'sas', value: TOKEN },
  ...more,
});

describe('a shared access signature', () => {
  it.each([
    ['the token', TOKEN, undefined],
    ['the token with its question mark', `?${TOKEN}`, undefined],
    ['the URL', `${URL_OF}?${TOKEN}`, URL_OF],
    ['the URL of a container', ` ${URL_OF}leavers?${TOKEN}\n`, `${URL_OF}leavers`],
    [
      'the connection string',
      `BlobEndpoint=${URL_OF};QueueEndpoint=https://contosopst.queue.core.windows.net/;SharedAccessSignature=${TOKEN}`,
      URL_OF,
    ],
  ])('is taken as %s', (_title, text, url) => expect(sasIn(text)).toEqual(url === undefined ? { query: TOKEN } : { query: TOKEN, url }));

  it.each(['', KEY, URL_OF, `${URL_OF}?comp=list`, 'sv=2024-11-04&sig='])('is not seen in %j', (text) =>
    expect(sasIn(text)).toBeUndefined(),
  );

  it('is refused when its URL is of another account', () => {
    const given = { credential: { kind: 'sas', value: `https://fabrikam.blob.core.windows.net/?${TOKEN}` } };
    expect(EndpointBody.safeParse(azure(given)).error?.issues.map(({ path }) => path)).toEqual([['credential', 'value']]);
    expect(EndpointBody.safeParse(azure({ ...given, endpoint: 'https://fabrikam.blob.core.windows.net' })).success).toBe(true);
  });

  it.each(['endpoint', 'graphUrl', 'authorityUrl'])('is refused in %s, with the words that say where it goes', (field) => {
    for (const tail of [`?${TOKEN}`, '?', '#x']) {
      const source = { kind: 'microsoft-365', name: 'M', tenantId: 't', clientId: 'c', credential: { kind: 'secret', value: 's' } };
      const body = field === 'endpoint' ? azure({ endpoint: `${URL_OF}${tail}` }) : { ...source, [field]: `${URL_OF}${tail}` };
      const issues = EndpointBody.safeParse(body).error?.issues ?? [];
      expect(issues.map(({ path }) => path)).toEqual([[field]]);
      expect(issues[0]?.message).toMatch(/without \? and #.*as the secret/);
      expect(JSON.stringify(issues)).not.toContain('sig=s');
    }
  });
});

describe('an account key', () => {
  it.each([KEY, ` ${KEY}\n`, `DefaultEndpointsProtocol=https;AccountName=contosopst;AccountKey=${KEY};EndpointSuffix=core.windows.net`])(
    'is taken as the portal hands it out',
    (text) => expect(accountKeyIn(text)).toBe(KEY),
  );
});

describe('text that looks like a secret', () => {
  it.each([
    ['the name of a project', ProjectBody, { name: KEY }, 'name'],
    ['an expression', ProjectBody, { options: { folderFilter: ['^Inbox/', `sig=${base64(32)}`] } }, 'options.folderFilter.1'],
    ['the container of a project', ProjectBody, { container: TOKEN }, 'container'],
    ['a row', MailboxesBody, { items: [{ source: 'a@b.co', destination: `${KEY}.pst` }] }, 'items.0.destination'],
    ['the name of a token', TokenBody, { name: `pstream_${base64(32).slice(0, 40)}` }, 'name'],
    ['the client id', EndpointBody, { clientId: `abc8Q~${'x'.repeat(34)}` }, 'clientId'],
    ['the path of a folder', EndpointBody, { path: `${URL_OF}?${TOKEN}` }, 'path'],
    ['a thumbprint', EndpointBody, { credential: { thumbprintSha256: '-----BEGIN PRIVATE KEY-----' } }, 'credential.thumbprintSha256'],
  ])('is found in %s', (_title, schema, value, path) => {
    expect(secretTexts(schema, value).map((found) => found.path)).toEqual([path]);
  });

  it('may stand in the fields that are made for it', () => {
    expect(secretTexts(EndpointBody, azure({}))).toEqual([]);
    expect(secretTexts(EndpointBody, azure({ credential: { kind: 'key', value: KEY } }))).toEqual([]);
    expect(secretTexts(SecretBody, { value: `abc8Q~${'x'.repeat(34)}` })).toEqual([]);
  });
});
