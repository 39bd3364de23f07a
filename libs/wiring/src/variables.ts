// Every environment variable of pstream. A process refuses names that begin with PSTREAM_ and are not here: a misspelt setting would
// otherwise be ignored silently. All processes know all names, so that one file of settings can serve them together.

/** Variables that processes read as configuration; what they mean stands with their keys, in each `config.ts`. */
export const SETTINGS = [
  'PSTREAM_BUILDER_CHECKPOINT_BYTES',
  'PSTREAM_BUILDER_CHECKPOINT_MS',
  'PSTREAM_BUILDER_KEEP_DAYS',
  'PSTREAM_CARDS',
  'PSTREAM_DATA',
  'PSTREAM_EVENT_PARTITIONS',
  'PSTREAM_EXTRACTOR_BACKLOG_BYTES',
  'PSTREAM_EXTRACTOR_BACKLOG_ITEMS',
  'PSTREAM_EXTRACTOR_BATCHES',
  'PSTREAM_EXTRACTOR_CLAIM_BYTES',
  'PSTREAM_EXTRACTOR_MAILBOXES',
  'PSTREAM_EXTRACTOR_PAGE_ITEMS',
  'PSTREAM_EXTRACTOR_SLICE_BYTES',
  'PSTREAM_EXTRACTOR_SLICE_ITEMS',
  'PSTREAM_HEALTH_HOST',
  'PSTREAM_HEALTH_PORT',
  'PSTREAM_HOST',
  'PSTREAM_HOSTS',
  'PSTREAM_ITEM_PARTITIONS',
  'PSTREAM_KAFKA_BROKERS',
  'PSTREAM_KAFKA_MECHANISM',
  'PSTREAM_KAFKA_PASSWORD',
  'PSTREAM_KAFKA_REPLICATION',
  'PSTREAM_KAFKA_SESSION_MS',
  'PSTREAM_KAFKA_TLS',
  'PSTREAM_KAFKA_USER',
  'PSTREAM_LICENCE_PRICE',
  'PSTREAM_LICENCES',
  'PSTREAM_LOG',
  'PSTREAM_MAIL_FOLDER',
  'PSTREAM_MAIL_FROM',
  'PSTREAM_MAILBOXES',
  'PSTREAM_MAILBOXES_PER_PROJECT',
  'PSTREAM_MAILBOXES_PER_TENANT',
  'PSTREAM_MASTER_KEY',
  'PSTREAM_MASTER_KEY_FILE',
  'PSTREAM_MONGO_URL',
  'PSTREAM_NOTICE_LINK',
  'PSTREAM_NOTICE_PRIVATE_HOSTS',
  'PSTREAM_OIDC_CLIENT_ID',
  'PSTREAM_OIDC_CLIENT_SECRET',
  'PSTREAM_OIDC_CLIENT_SECRET_FILE',
  'PSTREAM_OIDC_ISSUER',
  'PSTREAM_OLDER_MASTER_KEYS',
  'PSTREAM_PORT',
  'PSTREAM_PRICES_URL',
  'PSTREAM_RELAY',
  'PSTREAM_SMTP_HOST',
  'PSTREAM_SMTP_PASSWORD_FILE',
  'PSTREAM_SMTP_PORT',
  'PSTREAM_SMTP_TLS',
  'PSTREAM_SMTP_USER',
  'PSTREAM_START_WAIT_MS',
  'PSTREAM_STRIPE_KEY_FILE',
  'PSTREAM_STRIPE_RETURN_URL',
  'PSTREAM_STRIPE_WEBHOOK_SECRET_FILE',
  'PSTREAM_TOKENS',
  'PSTREAM_WORK_ACCOUNT',
  'PSTREAM_WORK_CONTAINER',
  'PSTREAM_WORK_ENDPOINT',
  'PSTREAM_WORK_FOLDER',
  'PSTREAM_WORK_KEY',
  'PSTREAM_WORK_PARTITIONS',
  'PSTREAM_WORK_SAS',
] as const;

/** The name of a variable that a configuration key may have. */
export type Setting = (typeof SETTINGS)[number];

/** A variable that no process reads as configuration: who reads it, its default as text, and what it means. */
export type OtherVariable = { readonly of: 'command line' | 'containers' | 'tests'; readonly standard: string; readonly about: string };

/** Variables of the command line, the containers and the tests. */
export const OTHER_VARIABLES: Readonly<Record<string, OtherVariable>> = {
  PSTREAM_URL: {
    of: 'command line',
    standard: 'what `pstream login` saved, else `http://127.0.0.1:4321`',
    about: 'Address of the gateway.',
  },
  PSTREAM_TOKEN: { of: 'command line', standard: 'what `pstream login` saved', about: 'API token. Secret.' },
  PSTREAM_SECRET: {
    of: 'command line',
    standard: '',
    about:
      'The secret of an endpoint, for commands that take one, instead of `--secret-file`; or the SAS or account key for blobs that `pst` commands read. Secret.',
  },
  PSTREAM_FORWARD: {
    of: 'containers',
    standard: '',
    about: 'For trials: ports of the container that lead to other containers, `[ADDRESS:]PORT=HOST:PORT`, a comma between several.',
  },
  PSTREAM_PUBLISHED_PORT: {
    of: 'containers',
    standard: '`4321`',
    about: 'Port of this machine on which docker-compose.yml publishes the API.',
  },
  PSTREAM_AZURITE_IMAGE: {
    of: 'containers',
    standard: '`mcr.microsoft.com/azure-storage/azurite:latest`',
    about: 'Image of the simulated storage account in docker-compose.yml.',
  },
  PSTREAM_SHARED: { of: 'tests', standard: '', about: 'Directory of reference data; suites that need it are skipped without.' },
  PSTREAM_REQUIRE_SERVERS: { of: 'tests', standard: '', about: 'A suite that finds no server fails instead of being skipped.' },
  PSTREAM_FAULTS: { of: 'tests', standard: '', about: 'The one fault script that the fault matrix plays.' },
  PSTREAM_FAULT_TABLE: { of: 'tests', standard: '', about: 'File into which the fault matrix writes its table.' },
  PSTREAM_FUZZ_RUNS: { of: 'tests', standard: '', about: 'Damaged inputs that each property tries.' },
  PSTREAM_FUZZ_SEED: { of: 'tests', standard: '', about: 'What damaged inputs follow from.' },
};

/** Servers and places that tests use instead of their own are named freely. */
const TEST_PREFIX = 'PSTREAM_TEST_';

/** Kubernetes and Docker set variables such as PSTREAM_GATEWAY_PORT for a service of the name pstream-gateway. */
const ofServiceLink = (name: string, value: string): boolean =>
  /_SERVICE_(?:HOST|PORT(?:_\w+)?)$|_PORT_\d+_(?:TCP|UDP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name) ||
  (name.endsWith('_PORT') && /^(?:tcp|udp):\/\//.test(value));

/** A problem for each variable that begins with PSTREAM_ and is none of ours: its name, and the known one that is most like it. */
export const unknownVariables = (environment: Readonly<Record<string, string | undefined>>): readonly string[] => {
  const known: ReadonlySet<string> = new Set([...SETTINGS, ...Object.keys(OTHER_VARIABLES)]);
  return Object.entries(environment)
    .filter(
      ([name, value = '']) =>
        name.startsWith('PSTREAM_') && !name.startsWith(TEST_PREFIX) && !known.has(name) && !ofServiceLink(name, value),
    )
    .map(([name]) => {
      const like = nearest(name, [...known]);
      return `${name}: there is no such variable.${like === undefined ? ' docs/reference/configuration.md lists them all.' : ` Did you mean ${like}?`}`;
    });
};

/** The name that takes the fewest changes to become `text`; undefined where even that one takes more than a third of its letters. */
export const nearest = (text: string, names: readonly string[]): string | undefined => {
  const best = names
    .map((name) => ({ name, changes: changesBetween(text, name) }))
    .reduce<
      { name: string; changes: number } | undefined
    >((least, one) => (least === undefined || one.changes < least.changes ? one : least), undefined);
  return best === undefined || best.changes > Math.max(2, Math.floor(best.name.length / 3)) ? undefined : best.name;
};

/** Letters inserted, removed, replaced or swapped with their neighbour between two words (optimal string alignment). */
const changesBetween = (from: string, to: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const now = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(last[column]! + 1, now[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        least = Math.min(least, before[column - 2]! + 1);
      now.push(least);
    }
    before = last;
    last = now;
  }
  return last[to.length]!;
};
