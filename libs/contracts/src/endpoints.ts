import { z } from 'zod';

/** A reference to a sealed secret; the value is never in a command, an event or a view. */
export const SecretRef = z.string().regex(/^secret:[A-Za-z0-9-]+$/);
export type SecretRef = z.infer<typeof SecretRef>;

/** How pstream signs in to a tenant: app-only, with a client secret or a certificate. `graphUrl` and `authorityUrl`
 *  are for a simulated tenant; without them it is Microsoft's global service. */
export const Microsoft365Source = z.strictObject({
  kind: z.literal('microsoft-365'),
  tenantId: z.string().min(1),
  clientId: z.string().min(1),
  credential: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('secret'), ref: SecretRef }),
    z.strictObject({ kind: z.literal('certificate'), thumbprintSha256: z.string(), ref: SecretRef }),
  ]),
  authorityUrl: z.url().optional(),
  graphUrl: z.url().optional(),
  /** A mailbox that the app must not reach; Verify Credentials tries it. */
  outOfScope: z.email().optional(),
});
export type Microsoft365Source = z.infer<typeof Microsoft365Source>;

/** The customer's own container: an Azure storage account, reached by account key, SAS or Entra identity. `endpoint`
 *  overrides `https://<account>.blob.core.windows.net`. */
export const AzureBlobDestination = z.strictObject({
  kind: z.literal('azure-blob'),
  account: z.string().regex(/^[a-z0-9]{3,24}$/, 'Give the name of a storage account: 3 to 24 lower-case letters and digits.'),
  endpoint: z.url().optional(),
  region: z.string().min(1),
  credential: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('key'), ref: SecretRef }),
    z.strictObject({ kind: z.literal('sas'), ref: SecretRef }),
    z.strictObject({ kind: z.literal('identity') }),
  ]),
});
export type AzureBlobDestination = z.infer<typeof AzureBlobDestination>;

/** A folder on the machine of the pst-builder: one subfolder per container. */
export const FolderDestination = z.strictObject({ kind: z.literal('folder'), path: z.string().min(1) });
export type FolderDestination = z.infer<typeof FolderDestination>;

export const Destination = z.discriminatedUnion('kind', [AzureBlobDestination, FolderDestination]);
export type Destination = z.infer<typeof Destination>;

export const EndpointConfig = z.discriminatedUnion('kind', [Microsoft365Source, AzureBlobDestination, FolderDestination]);
export type EndpointConfig = z.infer<typeof EndpointConfig>;

/** Whether the address has neither a query nor a fragment, where signatures and tokens stand. */
export const isPlainUrl = (url: string): boolean => !/[?#]/.test(url);

/** The address without its query and fragment. */
export const plainUrl = (url: string): string => url.replace(/[?#].*$/s, '');

const urlsOf = (config: EndpointConfig): readonly (string | undefined)[] => {
  switch (config.kind) {
    case 'microsoft-365':
      return [config.authorityUrl, config.graphUrl];
    case 'azure-blob':
      return [config.endpoint];
    case 'folder':
      return [];
  }
};

/** The settings of an endpoint as a command brings them. Releases up to 0.3.0 put addresses with a query on record; nothing does any more. */
export const NewEndpointConfig = EndpointConfig.refine((config) => urlsOf(config).every((url) => url === undefined || isPlainUrl(url)), {
  error: 'The address of an endpoint must have neither a query nor a fragment.',
});

const PlainUrl = z.url().refine(isPlainUrl, { error: 'The address of an endpoint must have neither a query nor a fragment.' });

/** Settings of an endpoint that can be changed: all but its kind and how it signs in. Which of them it has depends on its kind. */
export const EndpointSettings = z.strictObject({
  tenantId: Microsoft365Source.shape.tenantId.optional(),
  clientId: Microsoft365Source.shape.clientId.optional(),
  authorityUrl: PlainUrl.optional(),
  graphUrl: PlainUrl.optional(),
  outOfScope: Microsoft365Source.shape.outOfScope,
  account: AzureBlobDestination.shape.account.optional(),
  region: AzureBlobDestination.shape.region.optional(),
  endpoint: PlainUrl.optional(),
  path: FolderDestination.shape.path.optional(),
});
export type EndpointSettings = z.infer<typeof EndpointSettings>;

/** The configuration with other settings; undefined if its kind does not have one of them. */
export const withSettings = (config: EndpointConfig, settings: EndpointSettings): EndpointConfig | undefined => {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return EndpointConfig.safeParse({ ...config, ...given }).data;
};
