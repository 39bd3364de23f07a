import { streamName, type NameEvent, type StreamName } from '@pstream/contracts';
import { accept, deriveId, reject, type Decision } from '@pstream/kernel';

/** Who holds a name within a scope; names are compared without case and accents of width. */
export type Name = { readonly holder: string | null };
export const freeName: Name = { holder: null };

export type NameCommand = {
  readonly type: 'ReserveName';
  readonly scope: string;
  readonly holder: string;
  readonly taken: string;
  readonly at: string;
};

/** One stream for each name in its scope, so that uniqueness holds across aggregates. */
export const nameStream = (scope: string, name: string): StreamName<NameEvent> =>
  streamName(`name:${deriveId('name', scope, name.trim().normalize('NFKC').toLowerCase())}`);

/** First come, first served; asking again as the holder is fine. `taken` is the code of the rejection. */
export const decide = (command: NameCommand, state: Name): Decision<NameEvent> => {
  if (state.holder === command.holder) return accept();
  if (state.holder !== null) return reject(command.taken);
  return accept({ type: 'NameReserved', data: { scope: command.scope, holder: command.holder, at: command.at } });
};

export const evolve = (_state: Name, event: NameEvent): Name => ({ holder: event.data.holder });
