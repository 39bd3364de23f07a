import type { Microsoft365Source } from '@pstream/contracts';
import type { TenantConnection } from '@pstream/graph';
import type { SecretStore } from '@pstream/secrets';

/** The connection that a Microsoft 365 endpoint describes, with its secret opened. Never log or keep it. */
export const tenantConnection = async (source: Microsoft365Source, secrets: SecretStore): Promise<TenantConnection> => {
  const secret = (await secrets.use(source.credential.ref)).reveal();
  return {
    tenantId: source.tenantId,
    clientId: source.clientId,
    credential:
      source.credential.kind === 'secret'
        ? { kind: 'secret', secret }
        : { kind: 'certificate', thumbprintSha256: source.credential.thumbprintSha256, privateKeyPem: secret },
    ...(source.authorityUrl === undefined ? {} : { authorityUrl: source.authorityUrl }),
    ...(source.graphUrl === undefined ? {} : { graphUrl: source.graphUrl }),
  };
};
