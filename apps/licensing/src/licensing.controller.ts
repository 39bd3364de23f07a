import { serviceController } from '@pstream/transport';
import { applyBundles, coverage, placeOrder, recordPayment, type LicensingPorts } from './commands/handlers.js';

/** Name under which the module hands the ports to the controller. */
export const LICENSING_PORTS = Symbol('LicensingPorts');

/** The message door of licensing. */
export const LicensingController = serviceController<'licensing', LicensingPorts>('licensing', LICENSING_PORTS, {
  commands: { PlaceOrder: placeOrder, RecordPayment: recordPayment, ApplyBundles: applyBundles },
  queries: { Coverage: coverage },
});
