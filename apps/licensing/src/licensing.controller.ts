import { Controller, Inject } from '@nestjs/common';
import {
  ApplyBundles,
  Coverage,
  parseCommand,
  pattern,
  PlaceOrder,
  RecordPayment,
  type CommandReply,
  type CoverageReply,
} from '@pstream/contracts';
import { Answer } from '@pstream/transport';
import { Payload } from '@nestjs/microservices';
import { applyBundles, coverage, placeOrder, recordPayment, type LicensingPorts } from './commands/handlers.js';

/** Name under which the module hands the ports to the controller. */
export const LICENSING_PORTS = Symbol('LicensingPorts');

/** The message door of licensing. */
@Controller()
export class LicensingController {
  readonly #ports: LicensingPorts;

  constructor(@Inject(LICENSING_PORTS) ports: LicensingPorts) {
    this.#ports = ports;
  }

  @Answer(pattern('licensing', 'PlaceOrder'))
  async placeOrder(@Payload() message: unknown): Promise<CommandReply> {
    const parsed = parseCommand(PlaceOrder, message);
    return parsed.ok ? placeOrder(this.#ports, parsed.value.meta, parsed.value.body) : parsed.error;
  }

  @Answer(pattern('licensing', 'RecordPayment'))
  async recordPayment(@Payload() message: unknown): Promise<CommandReply> {
    const parsed = parseCommand(RecordPayment, message);
    return parsed.ok ? recordPayment(this.#ports, parsed.value.meta, parsed.value.body) : parsed.error;
  }

  @Answer(pattern('licensing', 'ApplyBundles'))
  async applyBundles(@Payload() message: unknown): Promise<CommandReply> {
    const parsed = parseCommand(ApplyBundles, message);
    return parsed.ok ? applyBundles(this.#ports, parsed.value.meta, parsed.value.body) : parsed.error;
  }

  @Answer(pattern('licensing', 'Coverage'))
  coverage(@Payload() message: unknown): Promise<CoverageReply> {
    return coverage(this.#ports, Coverage.parse(message));
  }
}
