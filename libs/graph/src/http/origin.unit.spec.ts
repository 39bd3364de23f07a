import { hostileUrls } from './hostile-urls.fixture.js';
import { graphPath, mailboxOfPath, parseOrigin, pinToMailbox, pinToOrigin } from './origin.js';

const GRAPH = new URL('https://graph.microsoft.com');
const refusal = (url: string): string => {
  try {
    return `accepted ${pinToOrigin(url, GRAPH, 'nextLink')}`;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a URL out of a reply', () => {
  it.each(hostileUrls(GRAPH, 'evil.example'))('is refused if it is %s', (_, url) => {
    expect(refusal(url)).toBe('graph.foreign-url');
  });

  it('is used unchanged where it is below the API', () => {
    const link = 'https://graph.microsoft.com/beta/admin/exchange/mailboxes/MBX:a@b/folders/x=/items/delta?$skiptoken=a%2Bb+c~d';
    expect(pinToOrigin(link, GRAPH, 'nextLink')).toBe(link.slice('https://graph.microsoft.com'.length));
  });

  it('may be spelled in other cases', () => {
    expect(pinToOrigin('https://graph.microsoft.com/Beta/Admin/Exchange/Mailboxes/MBX:x/exportItems', GRAPH, 'Location')).toBe(
      '/Beta/Admin/Exchange/Mailboxes/MBX:x/exportItems',
    );
  });

  it('names its mailbox', () => {
    const url = 'https://graph.microsoft.com/BETA/admin/Exchange/mailboxes/MBX%3Aa%40b/folders/f';
    expect(pinToMailbox(url, GRAPH, 'Location')).toMatchObject({ mailboxId: 'MBX:a@b', version: 'beta' });
  });

  it('is refused as a redirect if it names no mailbox', () => {
    expect(() => pinToMailbox('https://graph.microsoft.com/v1.0/users/x', GRAPH, 'Location')).toThrow(
      expect.objectContaining({ code: 'graph.foreign-url' }),
    );
  });
});

describe('a path of our own', () => {
  it('encodes every value as one segment', () => {
    const path = graphPath`/v1.0/admin/exchange/mailboxes/${'MBX:a/../b@c?d#e'}/folders/${'x='}`;
    expect(path).toBe('/v1.0/admin/exchange/mailboxes/MBX%3Aa%2F..%2Fb%40c%3Fd%23e/folders/x%3D');
    expect(mailboxOfPath(path)?.mailboxId).toBe('MBX:a/../b@c?d#e');
  });
});

describe('a configured origin', () => {
  it.each([
    'http://graph.microsoft.com',
    'ftp://x',
    'https://x/path',
    'https://u@x',
    'https://x?y',
    'nonsense',
    'http://127.0.0.2',
    'http://localhost.evil.example',
  ])('cannot be %s', (url) => {
    expect(() => parseOrigin(url, 'graphUrl')).toThrow(expect.objectContaining({ code: 'graph.bad-origin', retry: 'never' }));
  });

  it.each(['https://graph.microsoft.com', 'http://localhost:8080', 'http://127.0.0.1:1', 'http://[::1]:9'])('can be %s', (url) => {
    expect(parseOrigin(url, 'graphUrl').origin).toBe(url);
  });
});
