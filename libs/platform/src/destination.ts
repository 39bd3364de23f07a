import type { AzureCredential, Destination, PartLayout } from '@pstream/blob';
import type { AzureBlobDestination, PassSettings } from '@pstream/contracts';
import type { SecretStore } from '@pstream/secrets';

/** How the PST writer lays a part out: the HEADER and DList in an extent of their own, then 32 map regions each. */
export const PST_LAYOUT: PartLayout = { headerBytes: 0x4400, extentBytes: 32 * 253_952 };

/** The destination of a pass, with its secret opened. Never log or keep it. */
export const destinationConfig = async (
  settings: Pick<PassSettings, 'destination' | 'container'>,
  secrets: SecretStore,
): Promise<Destination> => {
  const { destination, container } = settings;
  if (destination.kind === 'folder') return { kind: 'folder', path: destination.path, container };
  const { account, endpoint } = destination;
  return {
    kind: 'azure-blob',
    account,
    container,
    ...(endpoint === undefined ? {} : { endpoint }),
    credential: await credentialOf(destination, secrets),
  };
};

const credentialOf = async ({ credential }: AzureBlobDestination, secrets: SecretStore): Promise<AzureCredential> => {
  switch (credential.kind) {
    case 'key':
      return { key: (await secrets.use(credential.ref)).reveal() };
    case 'sas':
      return { sas: (await secrets.use(credential.ref)).reveal() };
    case 'identity':
      return { identity: 'default' };
  }
};
