import { nearest, unknownVariables } from './variables.js';

describe('variables of the environment', () => {
  it('are all known to every process, with those of the command line, the containers and the tests', () => {
    expect(
      unknownVariables({
        PSTREAM_PORT: '1',
        PSTREAM_KAFKA_BROKERS: 'k:9092',
        PSTREAM_TOKEN: 't',
        PSTREAM_SHARED: '/s',
        PSTREAM_TEST_KAFKA: 'k',
        PSTREAM_PUBLISHED_PORT: '1',
        PATH: '/bin',
      }),
    ).toEqual([]);
  });

  it('are refused by name when they are misspelt, with the one that was meant', () => {
    expect(unknownVariables({ PSTREAM_PROT: '1', PSTREAM_EXTRACTOR_MAILBOX: '2', PSTREAM_NOTHING_OF_THE_KIND: '3' })).toEqual([
      'PSTREAM_PROT: there is no such variable. Did you mean PSTREAM_PORT?',
      'PSTREAM_EXTRACTOR_MAILBOX: there is no such variable. Did you mean PSTREAM_EXTRACTOR_MAILBOXES?',
      'PSTREAM_NOTHING_OF_THE_KIND: there is no such variable. docs/reference/configuration.md lists them all.',
    ]);
  });

  it('are let pass when Kubernetes sets them for a service whose name begins with ours', () => {
    expect(
      unknownVariables({
        PSTREAM_GATEWAY_PORT: 'tcp://10.0.0.1:4321',
        PSTREAM_GATEWAY_PORT_4321_TCP_ADDR: '10.0.0.1',
        PSTREAM_GATEWAY_SERVICE_HOST: '10.0.0.1',
        PSTREAM_GATEWAY_SERVICE_PORT_HTTP: '4321',
      }),
    ).toEqual([]);
    expect(unknownVariables({ PSTREAM_HEALTHY_PORT: '8081' })).toHaveLength(1);
  });

  it('never repeat a value, which may be a secret', () => {
    expect(unknownVariables({ PSTREAM_MASTER_KEYS: 'hunter2' }).join()).not.toContain('hunter2');
  });

  it.each([
    ['prot', ['port', 'host'], 'port'],
    ['hots', ['port', 'host'], 'host'],
    ['dta', ['data'], 'data'],
    ['something', ['port', 'host'], undefined],
  ])('takes %s for the nearest of %j', (text, names, expected) => expect(nearest(text, names)).toBe(expected));
});
