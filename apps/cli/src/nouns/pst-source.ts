import { fileSource, type ByteSource } from '@pstream/pst/reader';
import type { AzureCredential } from '@pstream/blob';
import { isFault, type Fault } from '@pstream/kernel';
import { AGAIN, CliError, usageError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import type { Cli } from '../cli/cli.js';
import { plain } from '../output/output.js';

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

/** Opens a PST by its path or by its address in Azure Blob Storage, reading only the ranges that are asked for. A file that cannot be read, or is no
 *  store, ends in an error that names it. */
export const withSource = async <T>(cli: Cli, path: string, work: (source: ByteSource) => Promise<T>): Promise<T> => {
  const address = blobAddress(path);
  try {
    if (address !== undefined) {
      const { azureBlobSource } = await import('@pstream/blob');
      return await work(
        await azureBlobSource({ ...address, credential: credentialFor(address, cli.config.secret), clock: cli.clock }, cli.signal),
      );
    }
    const source = await fileSource(path);
    try {
      return await work(source);
    } finally {
      await source.close();
    }
  } catch (error) {
    throw isFault(error) && error.code.startsWith('pst.') ? asCliError(error, address?.shown ?? path) : error;
  }
};

const asCliError = (fault: Fault, file: string): CliError => {
  const { reason } = fault.facts;
  const shown = plain(file, '\uFFFD');
  const isUnreadable = fault.code === 'pst.file-unreadable' || fault.code === 'pst.file-shrank';
  return new CliError(EXIT.failed, {
    what: isUnreadable
      ? `${shown} cannot be read (${String(reason ?? fault.code)}).`
      : `${shown} ${CONDITIONS[fault.code] ?? 'is damaged'}: ${placeOf(fault)}.`,
    why: isUnreadable ? (fault.advice ?? '') : (ADVICE[fault.code] ?? 'What can be saved of it, --recover saves into a new PST.'),
    advice: isUnreadable || fault.code in ADVICE ? AGAIN : 'pstream pst convert FILE OUT.pst --recover',
    details: { code: fault.code, facts: { file: shown, ...fault.facts } },
  });
};

const CONDITIONS: Readonly<Record<string, string>> = {
  'pst.not-a-pst': 'is no PST or OST',
  'pst.unsupported-version': 'has a version that no known Outlook writes',
  'pst.truncated': 'is cut off',
};
const ADVICE: Readonly<Record<string, string>> = {
  'pst.not-a-pst': 'A store begins with !BDN. If it was one once, `pstream pst convert FILE OUT.pst --recover` saves what is left.',
};

/** The field of the format where it is broken, and what was expected and found there. */
const placeOf = ({ code, facts }: Fault): string => {
  const { field, expected, actual } = facts;
  const sides = [expected === undefined ? '' : `expected ${String(expected)}`, actual === undefined ? '' : `found ${String(actual)}`];
  return [`${code} at ${String(field ?? 'the file')}`, ...sides].filter((part) => part !== '').join(', ');
};
