import { Fault } from '@pstream/kernel';

/** 'fallback.not-offered' (never): Graph has neither MIME nor a typed resource for this message class. */
export const notOffered = (): Fault =>
  new Fault('fallback.not-offered', {
    retry: 'never',
    advice:
      'Microsoft Graph shows items of this kind through their export stream only. Run Retry Errors later; if it stays, report the item to Microsoft.',
  });

/** 'fallback.incomplete' (never): `what` would be lost, and the item would say something else than it does. */
export const incomplete = (what: string): Fault =>
  new Fault('fallback.incomplete', {
    retry: 'never',
    facts: { missing: what },
    advice:
      'Graph does not show enough of this item to write it truthfully. Run Retry Errors later; if it stays, report the item to Microsoft.',
  });

/** 'mime.unreadable' (never): no message could be made of the bytes. What the parser said may quote the mail and is not repeated. */
export const unreadable = (): Fault =>
  new Fault('mime.unreadable', {
    retry: 'never',
    advice: 'The message came as MIME that cannot be read. Run Retry Errors later; if it stays, report the item to Microsoft.',
  });

/** 'mime.truncated' (now): the last boundary of the message did not come. */
export const truncated = (): Fault =>
  new Fault('mime.truncated', { retry: 'now', advice: 'The message came cut off. Run Retry Errors later.' });
