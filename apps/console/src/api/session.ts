import { Store } from '../parts/store.js';

/** Whether the gateway takes us for signed in, as far as its last answers say. */
export const session = new Store<'unknown' | 'open' | 'ended'>('unknown');

export const sessionOpened = (): void => session.set('open');
export const sessionEnded = (): void => session.set('ended');

const CODE = /^#code=([\w-]{1,200})$/;

/** Takes the one-time code out of the address, which must not stay in the history or on the screen. */
export const takeCode = (): string | undefined => {
  const code = CODE.exec(location.hash)?.[1];
  if (code !== undefined) history.replaceState(history.state, '', location.pathname + location.search);
  return code;
};
