import { retryBudget } from '@pstream/kernel';
import { azurePartStore } from './azure/azure-part-store.js';
import type { AzureCredential } from './azure/azure-container.js';
import { openFolderParts, requireContainer, type FolderDestination, type PartStorePorts } from './open-folder-parts.js';
import type { PartStore } from './part-store.js';
import { retryingParts } from './retrying.js';

/** Where parts go. An Azure account's default endpoint is that of the public cloud. */
export type Destination =
  | FolderDestination
  | {
      readonly kind: 'azure-blob';
      readonly account: string;
      readonly endpoint?: string;
      readonly container: string;
      readonly credential: AzureCredential;
    };

/** Opens the store of a destination, with retries; nothing is touched before its first call. Fault 'destination.bad-endpoint' (never). */
export const openPartStore = (destination: Destination, ports: PartStorePorts): PartStore => {
  if (destination.kind === 'folder') return openFolderParts(destination, ports);
  const { clock, random, layout, inFlight, budget = retryBudget(clock) } = ports;
  requireContainer(destination.container);
  const common = { clock, random, ...(layout === undefined ? {} : { layout }), ...(inFlight === undefined ? {} : { inFlight }) };
  return retryingParts(azurePartStore({ ...destination, ...common }), { clock, random, budget });
};
