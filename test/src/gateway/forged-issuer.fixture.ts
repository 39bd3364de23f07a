import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of the issuer: a status and what is written as JSON, or as it is if it is text. */
export type IssuerAnswer = { readonly status?: number; readonly body: unknown };

/** An issuer that answers whatever a test wants. Nobody signs in at it: tests come back from it with a code of their own making. */
export type ForgedIssuer = {
  readonly url: string;
  /** Keys that it publishes. */
  keys: object[];
  /** What it says of itself beside the usual. */
  metadata: Readonly<Record<string, unknown>>;
  /** What the token endpoint answers. */
  token: IssuerAnswer;
  /** What the user info endpoint answers; it has to be named in the metadata. */
  about: unknown;
  /** What the token endpoint waits for before it answers. */
  until: Promise<unknown>;
  /** Bodies that the token endpoint was sent. */
  readonly asked: URLSearchParams[];
  close(): Promise<void>;
};

/** A pair of RSA keys, and the public one as it is published. */
export type IssuerKey = {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly published: Readonly<Record<string, unknown>>;
};

export const newKey = (kid: string): IssuerKey => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey, publicKey, published: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
};

export const startForgedIssuer = async (): Promise<ForgedIssuer> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const send = ({ status = 200, body }: IssuerAnswer): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      };
      if (request.url === '/jwks') return send({ body: { keys: issuer.keys } });
      if (request.url === '/userinfo') return send({ body: issuer.about });
      if (request.url !== '/token') return send({ body: { ...usual(issuer.url), ...issuer.metadata } });
      issuer.asked.push(new URLSearchParams(Buffer.concat(chunks).toString()));
      void issuer.until.then(() => send(issuer.token));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer: ForgedIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: [],
    metadata: {},
    token: { body: {} },
    about: {},
    until: Promise.resolve(),
    asked: [],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
};

const usual = (url: string): object => ({
  issuer: url,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  jwks_uri: `${url}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
});
