import { serviceController } from '@pstream/transport';
import { settleParts, type ClosingPorts } from './settle-parts.js';

/** Name under which the module hands the ports to the controller. */
export const CLOSING_PORTS = Symbol('ClosingPorts');

/** Settles the PSTs of mailboxes whose project is closed. */
export const ClosingController = serviceController<'pst-builder', ClosingPorts>('pst-builder', CLOSING_PORTS, {
  commands: {},
  queries: { SettleParts: settleParts },
});
