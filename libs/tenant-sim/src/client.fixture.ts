import { generatedTenant } from './generated/generated-tenant.js';
import { startTenant, type RunningTenant, type TenantOptions } from './server.js';

/** A JSON object as tests look into it. */
export type Entity = Readonly<Record<string, unknown>>;

/** An answer, read whole. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined if it is not JSON. */
  readonly json: unknown;
  /** What stands at a path in the body. */
  at(...path: readonly (string | number)[]): unknown;
  /** The entries of `value`. */
  readonly value: readonly Entity[];
};

type CallOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly method?: string;
  readonly signal?: AbortSignal;
};

/** A running tenant with a client that speaks as tests like it. */
export class Client {
  #token = '';

  constructor(readonly sim: RunningTenant) {}

  /** Signs in; by default with the tenant's own credential. */
  async signIn(form: Readonly<Record<string, string>> = {}, tenant = this.sim.tenantId): Promise<Answer> {
    const body = new URLSearchParams({
      client_id: this.sim.clientId,
      client_secret: this.sim.clientSecret,
      scope: 'https://graph.microsoft.com/.default',
      grant_type: 'client_credentials',
      ...form,
    });
    const answer = await read(await fetch(`${this.sim.authorityUrl}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body }));
    if (answer.status === 200) this.#token = String(answer.at('access_token'));
    return answer;
  }

  /** A call; `target` is a path with version segment or a whole link. Redirects are not followed. */
  async call(target: string, options: CallOptions = {}): Promise<Answer> {
    const url = target.startsWith('http') ? target : `${this.sim.graphUrl}${target}`;
    const headers = { authorization: `Bearer ${this.#token}`, ...options.headers };
    return read(await fetch(url, { redirect: 'manual', ...options, headers }));
  }

  /** A POST of a JSON body. */
  post(target: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.call(target, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  }

  /** Path of a user's mailbox in the API. */
  mailbox(
    userPrincipalName: string,
    kind: 'primary' | 'archive' = 'primary',
    version: 'v1.0' | 'beta' = kind === 'primary' ? 'v1.0' : 'beta',
    partition = 0,
  ): string {
    const user = this.sim.contents.user(userPrincipalName);
    const main = user === undefined ? undefined : kind === 'primary' ? this.sim.contents.primary(user) : this.sim.contents.archive(user);
    return `/${version}/admin/exchange/mailboxes/${encodeURIComponent(main?.partitions[partition]?.id ?? 'none')}`;
  }

  /** All entries of a list, page by page. */
  async all(target: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly Entity[]> {
    const found: Entity[] = [];
    for (let link: string | undefined = target; link !== undefined; ) {
      const answer: Answer = await this.call(link, { headers });
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      found.push(...answer.value);
      link = answer.at('@odata.nextLink') as string | undefined;
    }
    return found;
  }

  /** Ids of the first items of the folder with that name (the inbox's language is the mailbox's). */
  async ids(box: string, count: number, folder = 'inbox'): Promise<readonly string[]> {
    const listed = await this.all(`${box}/folders?$top=200&includeHiddenFolders=true`);
    const found = listed.find((each) => each['wellKnownName'] === folder || each['displayName'] === folder);
    const page = await this.call(`${box}/folders/${String(found?.['id'])}/items?$top=${count}`);
    return page.value.map((each) => String(each['id']));
  }
}

const read = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Cut answers and MIME are looked at as text.
  }
  const at = (...path: readonly (string | number)[]): unknown =>
    path.reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[name] : undefined),
      json,
    );
  const value = at('value');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json,
    at,
    value: Array.isArray(value) ? (value as readonly Entity[]) : [],
  };
};

const running: RunningTenant[] = [];

/** A small tenant, or the one given, signed in. Closed by `stopAll`. */
export const start = async (options: Partial<TenantOptions> = {}, signedIn = true): Promise<Client> => {
  const tenant = options.tenant ?? generatedTenant({ seed: 1, mailboxes: 2, itemsPerMailbox: 60, archives: 1, sizeProfile: 'tiny' });
  const sim = await startTenant({ ...options, tenant });
  running.push(sim);
  const client = new Client(sim);
  if (signedIn) await client.signIn();
  return client;
};

/** Closes what `start` started. */
export const stopAll = async (): Promise<void> => {
  await Promise.all(running.splice(0).map((each) => each.close()));
};
