import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { extractorKeys } from '@pstream/extractor';
import { readConfig, type ConfigKeys } from '@pstream/wiring';
import { platformKeys, platformProblems, serviceKeys } from '@pstream/platform';
import { builderKeys } from '@pstream/pst-builder';
import { repositoryRoot } from '@pstream/testing';
import { gatewayKeys } from '../../apps/gateway/src/config.js';
import { licensingKeys } from '../../apps/licensing/src/config.js';
import { notifierKeys } from '../../apps/notifier/src/config.js';
import { projectsKeys } from '../../apps/projects/src/config.js';

// Keys that are not a service's: of the image's entry and of docker-compose.yml.
const OTHERS = ['PSTREAM_FORWARD', 'PSTREAM_PUBLISHED_PORT', 'PSTREAM_AZURITE_IMAGE'];

const keys: ConfigKeys = {
  ...platformKeys,
  ...serviceKeys,
  ...gatewayKeys,
  ...projectsKeys,
  ...licensingKeys,
  ...notifierKeys,
  ...extractorKeys,
  ...builderKeys,
};
const lines = readFileSync(join(repositoryRoot, '.env.example'), 'utf8').split('\n');
const settings = lines.flatMap((line) => {
  const [, comment, name = '', value = ''] = /^(#?)([A-Z][A-Z_]+)=(.*)$/.exec(line) ?? [];
  return name === '' ? [] : [{ name, value, isSet: comment === '' }];
});

describe('.env.example', () => {
  it('names every key of every service once, and no other', () => {
    expect(settings.map(({ name }) => name).sort()).toEqual([...Object.values(keys).map(({ env }) => env), ...OTHERS].sort());
  });

  it('shows values that the services accept', () => {
    const given = settings.filter(({ name, value }) => value !== '' && !OTHERS.includes(name));
    expect(() => readConfig(keys, Object.fromEntries(given.map(({ name, value }) => [name, value])))).not.toThrow();
  });

  it('is complete but for the master key', () => {
    const set = Object.fromEntries(settings.filter(({ isSet }) => isSet).map(({ name, value }) => [name, value]));
    expect(platformProblems(readConfig(platformKeys, set))).toEqual([
      'PSTREAM_MASTER_KEY, PSTREAM_MASTER_KEY_FILE: exactly one of the two is needed.',
    ]);
    expect(platformProblems(readConfig(platformKeys, { ...set, PSTREAM_MASTER_KEY: 'AAAA' }))).toEqual([]);
  });
});
