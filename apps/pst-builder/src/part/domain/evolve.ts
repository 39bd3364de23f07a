import type { PartEvent } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import type { Part } from './state.js';

/** Records what happened to a part. */
export const evolve = (part: Part, event: PartEvent): Part => {
  const version = part.version + 1;
  const name = part.is === 'none' ? '' : part.name;
  const epoch = part.is === 'none' ? 0 : part.epoch;
  switch (event.type) {
    case 'PartOpened':
      return { is: 'open', version, name: event.data.name, epoch: 0 };
    case 'BuilderTookOver':
      return { is: 'open', version, name, epoch: event.data.epoch };
    case 'PartSealIntended': {
      const { listKey, listSha256, bytes, items, types } = event.data;
      return {
        is: 'intended',
        version,
        name,
        epoch: event.data.epoch,
        listKey,
        listSha256,
        bytes,
        items,
        ...(types === undefined ? {} : { types }),
      };
    }
    case 'PartSealed':
      return { is: 'sealed', version, name, epoch, bytes: event.data.bytes, items: event.data.items, verified: false };
    case 'PartVerified':
      return part.is === 'sealed'
        ? { ...part, version, verified: true }
        : { is: 'sealed', version, name, epoch, bytes: event.data.bytes, items: event.data.items, verified: true };
    case 'PartAbandoned':
      return { is: 'abandoned', version, name, epoch, reason: event.data.reason };
    case 'PartRemoved':
      return { is: 'removed', version, name, epoch };
    default:
      return assertNever(event);
  }
};
