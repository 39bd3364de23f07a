import { join } from 'node:path';
import { Fault, retryBudget, type Clock, type Random, type RetryBudget } from '@pstream/kernel';
import { folderPartStore } from './folder/folder-part-store.js';
import { checkContainerName } from './names.js';
import type { PartLayout, PartStore } from './part-store.js';
import { retryingParts } from './retrying.js';

/** A folder for parts; its container is a folder below `path`. */
export type FolderDestination = { readonly kind: 'folder'; readonly path: string; readonly container: string };

/** What a part store needs from outside. `layout` is the writer's; `budget` is shared where several stores share an account. */
export type PartStorePorts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly layout?: PartLayout;
  readonly inFlight?: number;
  readonly budget?: RetryBudget;
};

/** Opens the store of a folder, with retries; nothing is touched before its first call. Fault 'destination.bad-endpoint' (never). */
export const openFolderParts = (destination: FolderDestination, ports: PartStorePorts): PartStore => {
  const { clock, random, layout, inFlight, budget = retryBudget(clock) } = ports;
  requireContainer(destination.container);
  const dir = join(destination.path, destination.container);
  const store = folderPartStore({
    dir,
    random,
    ...(layout === undefined ? {} : { layout }),
    ...(inFlight === undefined ? {} : { inFlight }),
  });
  return retryingParts(store, { clock, random, budget });
};

/** Fault 'destination.bad-endpoint' (never) unless a container may have that name. */
export const requireContainer = (container: string): void => {
  const refusal = checkContainerName(container);
  if (refusal !== null) throw new Fault('destination.bad-endpoint', { retry: 'never', facts: { ...refusal.facts, reason: refusal.code } });
};
