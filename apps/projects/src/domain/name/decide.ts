import { streamName, type NameEvent, type StreamName } from '@pstream/contracts';
import { accept, deriveId, reject, type Decision } from '@pstream/kernel';

/** Who holds a name within a scope; names are compared without case and accents of width. */
export type Name = { readonly holder: string | null };
export const freeName: Name = { holder: null };

export type NameCommand = { readonly scope: string; readonly holder: string; readonly at: string } & (
  | { readonly type: 'ReserveName'; readonly taken: string }
  | { readonly type: 'ReleaseName' }
);

/** One stream for each name in its scope, so that uniqueness holds across aggregates. */
export const nameStream = (scope: string, name: string): StreamName<NameEvent> =>
  streamName(`name:${deriveId('name', scope, name.trim().normalize('NFKC').toLowerCase())}`);

/** First come, first served; asking again as the holder is fine. `taken` is the code of the rejection. Only its holder sets a name free. */
export const decide = (command: NameCommand, state: Name): Decision<NameEvent> => {
  const { scope, holder, at } = command;
  if (command.type === 'ReleaseName')
    return state.holder === holder ? accept({ type: 'NameReleased', data: { scope, holder, at } }) : accept();
  if (state.holder === holder) return accept();
  return state.holder === null ? accept({ type: 'NameReserved', data: { scope, holder, at } }) : reject(command.taken);
};

export const evolve = (_state: Name, event: NameEvent): Name => ({ holder: event.type === 'NameReserved' ? event.data.holder : null });
