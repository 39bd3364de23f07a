import { Fault } from '@pstream/kernel';

/** What a problem+json answer says. */
type Problem = {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly row?: number; readonly column: string; readonly message: string }[];
};

/** What the demo needs of the HTTP API: JSON there and back. A refusal is thrown as Fault 'demo.refused' in the API's own words. */
export class DemoApi {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path);
  }

  /** `key` makes the request safe to repeat: with the same one it does nothing twice. */
  post<T>(path: string, body: unknown, key: string): Promise<T> {
    return this.#call<T>('POST', path, { type: 'application/json', text: JSON.stringify(body) }, key);
  }

  postCsv<T>(path: string, csv: string, key: string): Promise<T> {
    return this.#call<T>('POST', path, { type: 'text/csv', text: csv }, key);
  }

  async #call<T>(method: string, path: string, body?: { readonly type: string; readonly text: string }, key?: string): Promise<T> {
    // oxlint-disable-next-line no-restricted-globals -- the demo's door to the API
    const response = await fetch(`${this.#url}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': body.type }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: body.text }),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    const problem = (text.startsWith('{') ? JSON.parse(text) : {}) as Problem;
    const rows = (problem.errors ?? []).map(
      (fault) => `${fault.row === undefined ? '' : `row ${fault.row}, `}${fault.column}: ${fault.message}`,
    );
    throw new Fault('demo.refused', {
      message: [`${method} ${path}: ${problem.title ?? response.statusText}`, problem.detail ?? '', ...rows]
        .filter((line) => line !== '')
        .join('\n  '),
      retry: 'never',
      facts: { status: response.status, code: problem.code ?? '' },
    });
  }
}
