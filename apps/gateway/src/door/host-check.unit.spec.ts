import { hostCheck } from './host-check.js';
import type { HttpRequest } from './http.js';

const verdict = (host: string, origin?: string): string => {
  let told = 'nothing';
  const check = hostCheck(['pstream.example', '::1']);
  check({ headers: { host, ...(origin === undefined ? {} : { origin }) } } as HttpRequest, {} as never, (error) => {
    told = error === undefined ? 'answered' : (error as Error).message;
  });
  return told;
};

describe('the host check', () => {
  it.each([['127.0.0.1:4321'], ['localhost'], ['LOCALHOST:80'], ['[::1]:4321'], ['pstream.example:443']])('answers under %s', (host) => {
    expect(verdict(host)).toBe('answered');
  });
  it.each([
    ['evil.example'],
    ['127.0.0.1.evil.example'],
    ['localhost.evil.example:4321'],
    ['pstream.example.evil'],
    ['169.254.169.254'],
    ['0.0.0.0:4321'],
    [''],
    ['user@localhost'],
    ['localhost:80:80'],
  ])('does not answer under %j', (host) => {
    expect(verdict(host)).toBe('request.foreign-host');
  });
  it('answers its own pages and no others', () => {
    expect(verdict('localhost:4321', 'http://localhost:4321')).toBe('answered');
    for (const origin of ['http://localhost:1234', 'http://evil.example', 'null', 'http://localhost:4321.evil.example', 'file://']) {
      expect(verdict('localhost:4321', origin)).toBe('request.foreign-origin');
    }
  });
});
