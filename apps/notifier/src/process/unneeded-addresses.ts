import { subscriptionsPrefix, type SecretRef } from '@pstream/contracts';
import type { Unneeded } from '@pstream/secrets';
import { subscriptionsOf, type NotifierPorts } from '../commands/ports.js';

const PURPOSE = 'notice:';

/** Sealed addresses that no subscription has: another one took their place, or the subscription was removed or never added. */
export const unneededAddresses = (ports: NotifierPorts): Unneeded => ({
  loose: async (listed, signal) => {
    const had = new Set<SecretRef>();
    for await (const stream of ports.store.streams(subscriptionsPrefix)) {
      signal.throwIfAborted();
      const { state } = await subscriptionsOf(ports, stream.slice(subscriptionsPrefix.length)).fold();
      for (const { channel } of state.values()) if ('ref' in channel) had.add(channel.ref);
    }
    return listed.flatMap(({ ref, purpose }) => (purpose.startsWith(PURPOSE) && !had.has(ref) ? [ref] : []));
  },
});
