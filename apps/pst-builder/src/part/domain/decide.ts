import type { ByType, PartEvent, PartRefs } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import type { Part } from './state.js';

export type PartCommand =
  | {
      readonly type: 'TakeOver';
      readonly refs: PartRefs;
      readonly name: string;
      readonly container: string;
      readonly ordinal: number;
      readonly at: string;
    }
  | {
      readonly type: 'IntendSeal';
      readonly refs: PartRefs;
      readonly epoch: number;
      readonly extents: number;
      readonly listKey: string;
      readonly listSha256: string;
      readonly bytes: number;
      readonly items: number;
      readonly folders: number;
      readonly types?: ByType;
      readonly at: string;
    }
  | { readonly type: 'RecordSealed'; readonly refs: PartRefs; readonly etag: string; readonly location: string; readonly at: string }
  | { readonly type: 'RecordVerified'; readonly refs: PartRefs; readonly sha256: string; readonly at: string }
  | { readonly type: 'RecordRemoved'; readonly refs: PartRefs; readonly closedBy?: string | undefined; readonly at: string }
  | { readonly type: 'Abandon'; readonly refs: PartRefs; readonly epoch: number; readonly reason: string; readonly at: string };

/** Who may do what to a part. The epoch is the fencing token: it grows with each owner, and only its present holder may
 *  decide the commit. After `PartSealIntended` there is no owner any more, only one possible file. A part whose extents are gone
 *  is given up, decided or not: nobody can publish it any more. */
export const decide = (command: PartCommand, part: Part): Decision<PartEvent> => {
  const { refs, at } = command;
  switch (command.type) {
    case 'TakeOver': {
      const { name, container, ordinal } = command;
      const opened: PartEvent = { type: 'PartOpened', data: { ...refs, name, container, ordinal, at } };
      if (part.is === 'none') return accept<PartEvent>(opened, { type: 'BuilderTookOver', data: { ...refs, epoch: 1, at } });
      if (part.is !== 'open') return reject('part.not-open', { is: part.is });
      return accept({ type: 'BuilderTookOver', data: { ...refs, epoch: part.epoch + 1, at } });
    }
    case 'IntendSeal': {
      if (part.is !== 'open' || part.epoch !== command.epoch) return reject('part.taken-over', { epoch: command.epoch });
      const { epoch, extents, listKey, listSha256, bytes, items, folders, types } = command;
      return accept({
        type: 'PartSealIntended',
        data: { ...refs, epoch, extents, listKey, listSha256, bytes, items, folders, ...(types === undefined ? {} : { types }), at },
      });
    }
    case 'RecordSealed':
      if (part.is === 'sealed') return accept();
      if (part.is !== 'intended') return reject('part.not-intended', { is: part.is });
      return accept({
        type: 'PartSealed',
        data: {
          ...refs,
          name: part.name,
          etag: command.etag,
          location: command.location,
          bytes: part.bytes,
          items: part.items,
          ...(part.types === undefined ? {} : { types: part.types }),
          at,
        },
      });
    case 'RecordVerified':
      if (part.is !== 'sealed') return reject('part.not-sealed', { is: part.is });
      return part.verified
        ? accept()
        : accept({ type: 'PartVerified', data: { ...refs, sha256: command.sha256, bytes: part.bytes, items: part.items, at } });
    case 'RecordRemoved':
      return part.is === 'sealed'
        ? accept({ type: 'PartRemoved', data: { ...refs, ...(command.closedBy === undefined ? {} : { closedBy: command.closedBy }), at } })
        : accept();
    case 'Abandon':
      return (part.is === 'open' || part.is === 'intended') && part.epoch === command.epoch
        ? accept({ type: 'PartAbandoned', data: { ...refs, reason: command.reason, at } })
        : accept();
    default:
      return assertNever(command);
  }
};
