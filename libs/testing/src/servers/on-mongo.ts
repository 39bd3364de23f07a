import { randomBytes } from 'node:crypto';
import { jestGlobal } from '../jest-globals.js';
import { mongoServer } from './mongo.js';

/** Databases of one suite. */
export type SuiteDatabases = {
  /** Connection string of a database that no other test uses. */
  readonly freshUrl: () => string;
  /** Remembers a client that the suite has made: it is closed at the end, before the server. */
  readonly closing: <T extends { close(): Promise<unknown> }>(client: T) => T;
};

/** A suite on the MongoDB that `mongoServer` finds, titled by what that is; skipped, with the reason in its title, where there is none.
 *  Its databases are called after `name`. To be awaited at the top of the file: whether the suite is there at all depends on the answer. */
export const describeOnMongo = async (name: string, body: (databases: SuiteDatabases) => void): Promise<void> => {
  const found = await mongoServer();
  const server = 'skipped' in found ? undefined : found;
  const clients: { close(): Promise<unknown> }[] = [];
  // A server that outlives the run has the databases of earlier ones.
  const run = randomBytes(4).toString('hex');
  let databases = 0;
  const suite = (): void => {
    jestGlobal('afterAll')(async () => {
      for (const client of clients) await client.close();
      await server?.close();
    });
    body({
      freshUrl: () => withDatabase(server?.url ?? 'mongodb://127.0.0.1:1', `${name}_${run}_${++databases}`),
      closing: (client) => {
        clients.push(client);
        return client;
      },
    });
  };
  if ('skipped' in found) jestGlobal('describe').skip(`on MongoDB (skipped: ${found.skipped})`, suite);
  else jestGlobal('describe')(`on ${found.kind}`, suite);
};

/** A connection string with another database; hosts and options stay. */
const withDatabase = (url: string, database: string): string => url.replace(/^([a-z+]+:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`);
