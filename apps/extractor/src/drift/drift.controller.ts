import { serviceController } from '@pstream/transport';
import { listSuperseded } from '../updates/list-superseded.js';
import { readDrift, type DriftPorts } from './read-drift.js';

/** Name under which the module hands the ports to the controller. */
export const DRIFT_PORTS = Symbol('DriftPorts');

/** Says what has changed in a mailbox since its export, and what of it updates have exported again. */
export const DriftController = serviceController<'extractor', DriftPorts>('extractor', DRIFT_PORTS, {
  commands: {},
  queries: { ReadDrift: readDrift, ListSuperseded: listSuperseded },
});
