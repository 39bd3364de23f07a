import { createHmac, timingSafeEqual } from 'node:crypto';
import { isPrivate } from './private-address.js';
import { signatureHeaders } from './webhook.js';

describe('the signature of a webhook', () => {
  it('is the one of the Standard Webhooks specification', () => {
    // The example in the specification's own libraries.
    const headers = signatureHeaders('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      seconds: 1_614_265_330,
      body: '{"test": 2432232314}',
    });
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('is checked as the manual shows', () => {
    const verify = (key: string, headers: Readonly<Record<string, string>>, body: string, nowMs: number): boolean => {
      const seconds = Number(headers['webhook-timestamp']);
      if (!(Math.abs(nowMs / 1_000 - seconds) <= 300)) return false;
      const mac = createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64'));
      const wanted = Buffer.from(mac.update(`${headers['webhook-id']}.${seconds}.${body}`).digest('base64'));
      return (headers['webhook-signature'] ?? '').split(' ').some((one) => {
        const given = Buffer.from(one.replace(/^v1,/, ''));
        return given.length === wanted.length && timingSafeEqual(given, wanted);
      });
    };
    const key = `whsec_${Buffer.from('a key of some length').toString('base64')}`;
    const seconds = 1_800_000_000;
    const headers = signatureHeaders(key, { id: 'N', seconds, body: '{}' });
    expect(verify(key, headers, '{}', seconds * 1_000)).toBe(true);
    expect(verify(key, headers, '{ }', seconds * 1_000)).toBe(false);
    expect(verify(key, { ...headers, 'webhook-id': 'M' }, '{}', seconds * 1_000)).toBe(false);
    expect(verify(key, headers, '{}', (seconds + 301) * 1_000)).toBe(false);
    expect(verify(`${key.slice(0, -4)}AAAA`, headers, '{}', seconds * 1_000)).toBe(false);
  });
});

describe('addresses that webhooks stay away from', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    '2001:0:1::',
    'ff02::1',
    'not an address',
  ])('are private: %s', (address) => expect(isPrivate(address)).toBe(true));

  it.each(['8.8.8.8', '172.15.255.255', '172.32.0.0', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])('are not: %s', (address) =>
    expect(isPrivate(address)).toBe(false),
  );
});
