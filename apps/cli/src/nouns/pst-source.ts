import { fileSource, type ByteSource } from '@pstream/pst/reader';
import type { AzureCredential } from '@pstream/blob';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';

/** Where a PST in Azure Blob Storage is. `shown` is its address without credentials. */
type BlobAddress = {
  readonly account: string;
  readonly endpoint: string;
  readonly container: string;
  readonly blob: string;
  readonly sas: string | undefined;
  readonly shown: string;
};

const FORM = 'https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME.pst';

/** The parts of a blob's address; an account on this machine (Azurite) stands in the path. Undefined for what is no address. */
const blobAddress = (text: string): BlobAddress | undefined => {
  if (!/^https?:\/\//i.test(text)) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // An address may hold a SAS, so none is repeated in messages.
  if (url === undefined || url.username !== '' || url.password !== '')
    throw usageError('The address of the blob cannot be read.', `pstream pst info ${FORM}`);
  const names = url.pathname.slice(1).split('/').map(decoded);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const account = isLocal ? names.shift() : url.hostname.split('.')[0];
  const [container, ...blob] = names;
  if (account === undefined || container === undefined || container === '' || blob.join('/') === '')
    throw usageError('The address names no blob in a container.', `pstream pst info ${FORM}`);
  return {
    account,
    endpoint: isLocal ? `${url.origin}/${account}` : url.origin,
    container,
    blob: blob.join('/'),
    sas: url.searchParams.has('sig') ? url.search : undefined,
    shown: `${url.origin}${url.pathname}`,
  };
};

const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};

/** The SAS of the address; else PSTREAM_SECRET, a SAS or an account key; else the identity that this machine has. */
const credentialFor = ({ sas }: BlobAddress, secret: string | undefined): AzureCredential => {
  const known = sas ?? (secret?.includes('sig=') === true ? secret : undefined);
  if (known !== undefined) return { sas: known };
  return secret === undefined ? { identity: 'default' } : { key: secret };
};

/** A path or address as it may be printed: without query, where credentials stand. */
export const shownPath = (path: string): string => blobAddress(path)?.shown ?? path;

/** Opens a PST by its path or by its address in Azure Blob Storage, reading only the ranges that are asked for. */
export const withSource = async <T>(cli: Cli, path: string, work: (source: ByteSource) => Promise<T>): Promise<T> => {
  const address = blobAddress(path);
  if (address !== undefined) {
    const { azureBlobSource } = await import('@pstream/blob');
    return work(await azureBlobSource({ ...address, credential: credentialFor(address, cli.config.secret), clock: cli.clock }, cli.signal));
  }
  const source = await fileSource(path);
  try {
    return await work(source);
  } finally {
    await source.close();
  }
};
