import {
  AddEndpoint,
  AzureBlobDestination,
  field,
  FolderDestination,
  isPlainUrl,
  isRegion,
  Microsoft365Source,
  regionName,
  regionsLike,
} from '@pstream/contracts';
import { z } from 'zod';
import { hasChange, NO_CHANGE } from './bodies.js';
import { named } from './named.js';
import { sasIn, WRITE_ONLY } from './secret-texts.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Credentials are sent to these addresses, so only encrypted ones are taken; loopback is for simulators. */
const SafeUrl = z
  .url('Give an address such as https://contosopst.blob.core.windows.net.')
  .refine(
    (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url === undefined || url.username !== '' || url.password !== '') return false;
      return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
    },
    { error: 'Begin the address with https:// (http:// for loopback only), and leave out user name and password.' },
  )
  .refine((text) => isPlainUrl(text), {
    error:
      'Give the address alone, without ? and #. A shared access signature is a secret: give it as the secret of the endpoint, where the whole SAS URL will do. Nothing of this one was kept.',
  });

const secret = (what: string, example: string): z.ZodString =>
  field(
    z
      .string()
      .min(1)
      .max(64 * 1024),
    `${what} Write-only: it is sealed at once and never shown.`,
    example,
  ).meta(WRITE_ONLY);

const EndpointName = field(AddEndpoint.shape.name, 'Name of the endpoint, unique for the customer.', 'Microsoft 365');

const SecretCredential = named(
  'ClientSecretCredential',
  z.strictObject({
    kind: field(z.literal('secret'), 'Sign in with a client secret.', 'secret'),
    value: secret('The client secret.', 'client-secret-value'),
  }),
);
const CertificateCredential = named(
  'CertificateCredential',
  z.strictObject({
    kind: field(z.literal('certificate'), 'Sign in with a certificate.', 'certificate'),
    thumbprintSha256: field(z.string().min(1), 'SHA-256 thumbprint of the certificate in hexadecimal.', 'A1B2C3D4E5F6'),
    value: secret('Private key in PEM form.', '-----BEGIN PRIVATE KEY-----'),
  }),
);
const KeyCredential = named(
  'AccountKeyCredential',
  z.strictObject({
    kind: field(z.literal('key'), 'Sign in with an account key.', 'key'),
    value: secret('The account key, or the connection string with it.', 'YWNjb3VudC1rZXk='),
  }),
);
/** What is said of a value that is no shared access signature. */
export const SAS_WANTED = 'Give a shared access signature: the SAS token, SAS URL or connection string, with sig= in it.';

const SasCredential = named(
  'SasCredential',
  z.strictObject({
    kind: field(z.literal('sas'), 'Sign in with a shared access signature.', 'sas'),
    value: secret(
      'The signature as the portal hands it out: SAS token, SAS URL or connection string.',
      'sv=2024-11-04&sr=c&sig=...',
    ).refine((text) => sasIn(text) !== undefined, { error: SAS_WANTED }),
  }),
);
const IdentityCredential = named(
  'IdentityCredential',
  z.strictObject({ kind: field(z.literal('identity'), 'Sign in with the Entra identity of the machine.', 'identity') }),
);

const source = Microsoft365Source.shape;
const SourceBody = named(
  'Microsoft365Endpoint',
  z
    .strictObject({
      kind: field(source.kind, 'A source in Microsoft 365.', 'microsoft-365'),
      name: EndpointName,
      tenantId: field(source.tenantId, 'Id or domain of the tenant.', 'contoso.onmicrosoft.com'),
      clientId: field(source.clientId, 'Application (client) id of the registered app.', '6f0d5c1e-6a4e-4f8c-9a53-0d8f6f0f3a11'),
      credential: z.discriminatedUnion('kind', [SecretCredential, CertificateCredential]).meta({ description: 'How the app signs in.' }),
      authorityUrl: field(SafeUrl.optional(), 'Sign-in service, if it is not that of Microsoft.', 'http://127.0.0.1:5001'),
      graphUrl: field(SafeUrl.optional(), 'Microsoft Graph, if it is not the global service.', 'http://127.0.0.1:5001'),
      outOfScope: field(source.outOfScope, 'A mailbox that the app must not reach; Verify Credentials tries it.', 'ceo@contoso.com'),
    })
    .meta({ description: 'A Microsoft 365 tenant to export from.' }),
);

/** Whether a SAS URL is of the account; a token alone says nothing of one. */
const isOfAccount = (value: string, account: string, endpoint: string | undefined): boolean => {
  const url = sasIn(value)?.url;
  if (url === undefined) return true;
  const [here, there] = [endpoint ?? `https://${account}.blob.core.windows.net`, url];
  return URL.canParse(there) && URL.canParse(here) && new URL(there).origin === new URL(here).origin;
};

const noRegion = (text: string): string => {
  const like = regionsLike(text);
  return like.length === 0
    ? 'Give a region of Azure such as westeurope; `az account list-locations` shows them all.'
    : `There is no such region of Azure. Did you mean ${like.join(' or ')}?`;
};

/** A region as Azure names it. */
const Region = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    if (text !== '' && !isRegion(text)) context.addIssue({ code: 'custom', message: noRegion(text) });
  })
  .overwrite(regionName);

const azure = AzureBlobDestination.shape;
const AzureBody = named(
  'AzureBlobEndpoint',
  z
    .strictObject({
      kind: field(azure.kind, 'A destination in Azure Blob Storage.', 'azure-blob'),
      name: EndpointName,
      account: field(azure.account, 'Name of the storage account.', 'contosopst'),
      region: field(Region, 'Region of the storage account, as Azure names it; `West Europe` is understood too.', 'westeurope'),
      endpoint: field(
        SafeUrl.optional(),
        'Address of the blob service, if it is not the default one.',
        'https://contosopst.blob.core.windows.net',
      ),
      credential: z
        .discriminatedUnion('kind', [KeyCredential, SasCredential, IdentityCredential])
        .meta({ description: 'How pstream signs in to the storage account.' }),
    })
    .refine(({ account, endpoint, credential }) => credential.kind !== 'sas' || isOfAccount(credential.value, account, endpoint), {
      error: 'This SAS URL is of another storage account. Give its own, or correct the account or the address.',
      path: ['credential', 'value'],
    })
    .meta({ description: 'A storage account to export to.' }),
);

const FolderBody = named(
  'FolderEndpoint',
  z
    .strictObject({
      kind: field(FolderDestination.shape.kind, 'A folder on the machine of the PST builder.', 'folder'),
      name: EndpointName,
      path: field(FolderDestination.shape.path, 'Absolute path of the folder.', '/srv/exports'),
    })
    .meta({ description: 'A folder to export to.' }),
);

export const EndpointBody = named(
  'AddEndpoint',
  z
    .discriminatedUnion('kind', [SourceBody, AzureBody, FolderBody])
    .meta({ description: 'A source or a destination, told apart by `kind`.' }),
);
export type EndpointBody = z.infer<typeof EndpointBody>;

export const SecretBody = named('RotateSecret', z.strictObject({ value: secret('The new secret.', 'new-client-secret-value') }));
export type SecretBody = z.infer<typeof SecretBody>;

export const EndpointEditBody = named(
  'EditEndpoint',
  z
    .strictObject({
      name: field(AddEndpoint.shape.name.optional(), 'Another name of the endpoint, unique for the customer.', 'Microsoft 365'),
      tenantId: field(source.tenantId.optional(), 'Of a source: another tenant.', 'contoso.onmicrosoft.com'),
      clientId: field(source.clientId.optional(), 'Of a source: another app.', '6f0d5c1e-6a4e-4f8c-9a53-0d8f6f0f3a11'),
      authorityUrl: field(SafeUrl.optional(), 'Of a source: another sign-in service.', 'http://127.0.0.1:5001'),
      graphUrl: field(SafeUrl.optional(), 'Of a source: another Microsoft Graph.', 'http://127.0.0.1:5001'),
      outOfScope: field(source.outOfScope, 'Of a source: another mailbox that the app must not reach.', 'ceo@contoso.com'),
      account: field(azure.account.optional(), 'Of a storage account: another account.', 'contosopst'),
      region: field(Region.optional(), 'Of a storage account: another region.', 'westeurope'),
      endpoint: field(SafeUrl.optional(), 'Of a storage account: another address.', 'https://contosopst.blob.core.windows.net'),
      path: field(FolderDestination.shape.path.optional(), 'Of a folder: another path.', '/srv/exports'),
    })
    .refine(hasChange, NO_CHANGE)
    .meta({
      minProperties: 1,
      description: 'What is absent stays as it is. How the endpoint signs in stays; its secret is replaced by itself.',
    }),
);
export type EndpointEditBody = z.infer<typeof EndpointEditBody>;
