import { AnonymousCredential, BlobServiceClient, newPipeline, StorageSharedKeyCredential, type ContainerClient } from '@azure/storage-blob';
import type { TokenCredential } from '@azure/identity';
import { Fault, systemClock, withDeadline, type Clock, type Facts } from '@pstream/kernel';
import { checkContainerName } from '../names.js';
import type { Noun } from '../noun.js';
import { azureFault } from './azure-errors.js';

/** An account key, a SAS (with or without its `?`), or an identity: 'default' looks for a workload, managed or developer identity. */
export type AzureCredential = { readonly key: string } | { readonly sas: string } | { readonly identity: 'default' | TokenCredential };

/** Where the container is. `endpoint` defaults to that of the account in the public cloud; http is for loopback and Azurite's own account
 *  only. Every call is given up after `deadlineMs` (default 60,000; 180,000 for an extent). */
export type AzureContainerOptions = {
  readonly account: string;
  readonly endpoint?: string;
  readonly container: string;
  readonly credential: AzureCredential;
  readonly clock?: Clock;
  readonly deadlineMs?: number;
};

/** One container behind one way of calling it. */
export type AzureContainer = {
  readonly client: ContainerClient;
  /** The account that it is in. */
  readonly service: BlobServiceClient;
  /** The container's address without any credential. */
  readonly url: string;
  /** Runs one call with a deadline, and tells its errors in the words of a port. */
  readonly call: <T>(
    noun: Noun,
    facts: Facts,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
    deadlineMs?: number,
  ) => Promise<T>;
};

/** Opens a container; no request is sent. The SDK neither retries nor follows redirects: retries are the decorator's, and a redirect
 *  would carry the credential elsewhere. Fault 'destination.bad-endpoint' (never). */
export const azureContainer = (options: AzureContainerOptions): AzureContainer => {
  const { clock = systemClock, deadlineMs = 60_000, container } = options;
  const endpoint = checkedEndpoint(options);
  const refusal = checkContainerName(container);
  if (refusal !== null) throw new Fault('destination.bad-endpoint', { retry: 'never', facts: { ...refusal.facts, reason: refusal.code } });
  // `redirectOptions` is read by the client under the SDK; its own type of options does not name it.
  const pipelineOptions = { retryOptions: { maxTries: 1 }, redirectOptions: { handleRedirects: false } };
  const { credential, query } = credentialOf(options);
  const service = new BlobServiceClient(endpoint + query, newPipeline(credential, pipelineOptions));
  return {
    client: service.getContainerClient(container),
    service,
    url: `${endpoint}/${container}`,
    call: async (noun, facts, signal, work, ms = deadlineMs) => {
      const late = (): Fault =>
        new Fault(`${noun}.unavailable`, {
          retry: { afterMs: 1_000 },
          facts: { ...facts, deadlineMs: ms },
          advice: 'The storage account did not answer in time.',
        });
      try {
        return await withDeadline(clock, ms, signal, late, work);
      } catch (error) {
        // The SDK tells of an abort with an error of its own; callers wait for their own reason.
        if (signal?.aborted === true) throw signal.reason;
        throw azureFault(error, noun, facts);
      }
    },
  };
};

const checkedEndpoint = ({ account, endpoint }: AzureContainerOptions): string => {
  const bad = (reason: string): Fault =>
    new Fault('destination.bad-endpoint', {
      retry: 'never',
      facts: { reason },
      advice: 'An endpoint looks like https://ACCOUNT.blob.core.windows.net, without a container, a query or a password.',
    });
  if (!/^[a-z0-9]{3,24}$/.test(account)) throw bad('account-name');
  const text = endpoint ?? `https://${account}.blob.core.windows.net`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw bad('not-a-url');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw bad('more-than-an-address');
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) || account === 'devstoreaccount1';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) throw bad('not-https');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
};

const credentialOf = ({
  account,
  credential,
}: AzureContainerOptions): { credential: StorageSharedKeyCredential | AnonymousCredential | TokenCredential; query: string } => {
  if ('key' in credential) return { credential: new StorageSharedKeyCredential(account, credential.key), query: '' };
  if ('sas' in credential) return { credential: new AnonymousCredential(), query: `?${credential.sas.replace(/^\?/, '')}` };
  return { credential: credential.identity === 'default' ? defaultIdentity() : credential.identity, query: '' };
};

/** Loads @azure/identity when the first token is asked for: it takes longer to load than everything else here. */
const defaultIdentity = (): TokenCredential => {
  let found: Promise<TokenCredential> | undefined;
  return {
    getToken: async (scopes, options) => {
      found ??= import('@azure/identity').then(({ DefaultAzureCredential }) => new DefaultAzureCredential());
      return (await found).getToken(scopes, options);
    },
  };
};
