import type { PassSettings } from '@pstream/contracts';

/** Settings of a pass over a mailbox, to a folder, without options or dates. */
export const passSettings: PassSettings = {
  type: 'mailbox',
  source: 'ada@contoso.com',
  destinationName: 'ada.pst',
  container: 'mailboxes',
  partBytes: 10 * 1024 ** 3,
  sourceEndpoint: { kind: 'microsoft-365', tenantId: 't', clientId: 'c', credential: { kind: 'secret', ref: 'secret:1' } },
  destination: { kind: 'folder', path: '/out' },
};
