import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { ConfigError, readConfig } from '@pstream/wiring';
import { oidcKeys, oidcOf } from './oidc-keys.js';

const ISSUER = 'https://login.example/tenant/v2.0';
const read = (environment: Record<string, string>): ReturnType<typeof oidcOf> => oidcOf(readConfig(oidcKeys, environment));
const problems = (environment: Record<string, string>): readonly string[] => {
  try {
    read(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};
const secretFile = (text: string, mode = 0o600): string => {
  const path = join(tempDir(), 'secret');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

describe('the keys of the provider', () => {
  it('may all be absent', () => {
    expect(read({})).toBeUndefined();
  });

  it('give a client with a secret, with one in a file, or without one', () => {
    const client = { PSTREAM_OIDC_ISSUER: ISSUER, PSTREAM_OIDC_CLIENT_ID: 'c' };
    expect(read(client)).toMatchObject({ issuer: ISSUER, clientId: 'c' });
    expect(read(client)?.clientSecret()).toBeUndefined();
    expect(read({ ...client, PSTREAM_OIDC_CLIENT_SECRET: 's' })?.clientSecret()).toBe('s');
    expect(read({ ...client, PSTREAM_OIDC_CLIENT_SECRET_FILE: secretFile('of a file\n') })?.clientSecret()).toBe('of a file');
    expect(read({ ...client, PSTREAM_OIDC_ISSUER: 'http://127.0.0.1:3000' })?.issuer).toBe('http://127.0.0.1:3000');
  });

  it.each([
    ['login.example', 'expected an address such as'],
    ['http://login.example', 'begins with https://'],
    ['ftp://login.example', 'begins with https://'],
    ['https://login.example/?tenant=1', 'without user, query and fragment'],
    ['https://me@login.example/', 'without user, query and fragment'],
    ['https://login.microsoftonline.com/common/v2.0', 'the issuer of one tenant'],
    ['https://login.microsoftonline.com/organizations/v2.0', 'the issuer of one tenant'],
    ['https://login.microsoftonline.com/consumers', 'the issuer of one tenant'],
  ])('do not take the issuer %s', (issuer, expected) => {
    expect(problems({ PSTREAM_OIDC_ISSUER: issuer, PSTREAM_OIDC_CLIENT_ID: 'c' })).toEqual([expect.stringContaining(expected)]);
  });

  it('are all reported that do not fit together, and no secret with them', () => {
    expect(problems({ PSTREAM_OIDC_CLIENT_ID: 'c' })).toEqual([expect.stringMatching(/^PSTREAM_OIDC_ISSUER: a value is needed/)]);
    expect(
      problems({ PSTREAM_OIDC_ISSUER: ISSUER, PSTREAM_OIDC_CLIENT_SECRET: 'canary', PSTREAM_OIDC_CLIENT_SECRET_FILE: '/nowhere/at/all' }),
    ).toEqual([
      'PSTREAM_OIDC_CLIENT_ID: a value is needed with PSTREAM_OIDC_ISSUER.',
      'PSTREAM_OIDC_CLIENT_SECRET, PSTREAM_OIDC_CLIENT_SECRET_FILE: only one of the two can be used.',
      expect.stringContaining('/nowhere/at/all cannot be read (ENOENT)'),
    ]);
  });

  it.each([
    ['that others may read', secretFile('canary', 0o644), 'chmod 600'],
    ['that is empty', secretFile('\n'), 'is empty'],
  ])('do not take a file %s', (_fault, path, expected) => {
    const given = { PSTREAM_OIDC_ISSUER: ISSUER, PSTREAM_OIDC_CLIENT_ID: 'c', PSTREAM_OIDC_CLIENT_SECRET_FILE: path };
    expect(problems(given)).toEqual([expect.stringContaining(expected)]);
    expect(problems(given).join()).not.toContain('canary');
  });
});
