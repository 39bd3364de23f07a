import { join } from 'node:path';
import { Fault, type Clock, type Random } from '@pstream/kernel';
import { azurePartStore } from './azure/azure-part-store.js';
import type { AzureCredential } from './azure/azure-container.js';
import { folderPartStore } from './folder/folder-part-store.js';
import { checkContainerName } from './names.js';
import type { PartLayout, PartStore } from './part-store.js';
import { retryBudget, retryingParts, type RetryBudget } from './retrying.js';

/** Where parts go. A folder's container is a folder below `path`; an Azure account's default endpoint is that of the public cloud. */
export type Destination =
  | { readonly kind: 'folder'; readonly path: string; readonly container: string }
  | {
      readonly kind: 'azure-blob';
      readonly account: string;
      readonly endpoint?: string;
      readonly container: string;
      readonly credential: AzureCredential;
    };

/** What a part store needs from outside. `layout` is the writer's; `budget` is shared where several stores share an account. */
export type PartStorePorts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly layout?: PartLayout;
  readonly inFlight?: number;
  readonly budget?: RetryBudget;
};

/** Opens the store of a destination, with retries; nothing is touched before its first call. Fault 'destination.bad-endpoint' (never). */
export const openPartStore = (destination: Destination, ports: PartStorePorts): PartStore => {
  const { clock, random, layout, inFlight, budget = retryBudget(clock) } = ports;
  const common = { random, ...(layout === undefined ? {} : { layout }), ...(inFlight === undefined ? {} : { inFlight }) };
  const refusal = checkContainerName(destination.container);
  if (refusal !== null) throw new Fault('destination.bad-endpoint', { retry: 'never', facts: { ...refusal.facts, reason: refusal.code } });
  const store =
    destination.kind === 'folder'
      ? folderPartStore({ dir: join(destination.path, destination.container), ...common })
      : azurePartStore({ ...destination, clock, ...common });
  return retryingParts(store, { clock, random, budget });
};
