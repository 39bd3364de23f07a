import { readConfig } from '@pstream/wiring';
import { platformKeys, platformProblems } from './config.js';

const least = {
  PSTREAM_KAFKA_BROKERS: 'a:9092, b:9092',
  PSTREAM_MONGO_URL: 'mongodb://m/pstream',
  PSTREAM_WORK_FOLDER: '/w',
  PSTREAM_MASTER_KEY: 'AAAA',
};
const problems = (more: Readonly<Record<string, string>>): readonly string[] =>
  platformProblems(readConfig(platformKeys, { ...least, ...more }));

describe('configuration of a distributed process', () => {
  it('needs brokers, a database, working storage and a master key, and no more', () => {
    expect(problems({})).toEqual([]);
    expect(readConfig(platformKeys, least)).toMatchObject({
      kafkaBrokers: ['a:9092', 'b:9092'],
      kafkaSessionMs: 10_000,
      workContainer: 'pstream-work',
      olderMasterKeys: [],
    });
  });

  it('tells every missing key at once', () => {
    expect(() => readConfig(platformKeys, {})).toThrow(
      /PSTREAM_KAFKA_BROKERS: a value is needed[\s\S]*PSTREAM_MONGO_URL: a value is needed/,
    );
  });

  it('never repeats a secret in a problem', () => {
    const read = (): unknown =>
      readConfig({ masterKey: { ...platformKeys.kafkaSessionMs, secret: true } }, { PSTREAM_KAFKA_SESSION_MS: '17' });
    expect(read).toThrow(/PSTREAM_KAFKA_SESSION_MS/);
    expect(read).not.toThrow(/17/);
  });

  it('refuses what does not fit together', () => {
    expect(problems({ PSTREAM_WORK_ACCOUNT: 'account' })).toEqual([
      'PSTREAM_WORK_ACCOUNT, PSTREAM_WORK_FOLDER: exactly one of the two is needed.',
    ]);
    expect(problems({ PSTREAM_MASTER_KEY_FILE: '/k' })).toEqual([
      'PSTREAM_MASTER_KEY, PSTREAM_MASTER_KEY_FILE: exactly one of the two is needed.',
    ]);
    expect(problems({ PSTREAM_KAFKA_USER: 'u', PSTREAM_WORK_KEY: 'k', PSTREAM_WORK_SAS: 's' })).toHaveLength(2);
  });
});
