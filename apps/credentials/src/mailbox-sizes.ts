import type { MailboxSizes, MailboxSizesReply } from '@pstream/contracts';
import type { UsageReport } from '@pstream/graph';
import { isFault } from '@pstream/kernel';
import { recordedEndpoint, type EndpointTestPorts } from './endpoint-test.js';
import { Shared } from './shared.js';

/** For so long a report holds for other questions: Microsoft makes one a day. */
const REPORT_HOLDS_MS = 600_000;

/** Reads usage reports of tenants, each once for whoever asks within ten minutes. */
export class MailboxSizesReader {
  readonly #ports: EndpointTestPorts;
  readonly #reports: Shared<UsageReport>;

  constructor(ports: EndpointTestPorts) {
    this.#ports = ports;
    this.#reports = new Shared(ports.clock, REPORT_HOLDS_MS);
  }

  /** How large the mailboxes of these users are. Fault 'endpoint.unknown' (never). */
  async read({ endpointId, users }: MailboxSizes): Promise<MailboxSizesReply> {
    const source = await recordedEndpoint(this.#ports.store, endpointId);
    if (source.kind !== 'microsoft-365') return { is: 'refused', cause: { code: 'endpoint.not-a-source' } };
    try {
      const { asOf, concealed, mailboxes } = await this.#reports.get(JSON.stringify(source), async () => {
        const client = await this.#ports.tenant(source);
        try {
          return await client.usage();
        } finally {
          await client.close();
        }
      });
      const sizes = users.map((user) => {
        const found = mailboxes.get(user.toLowerCase());
        return found === undefined ? null : { items: found.items, bytes: found.bytes };
      });
      return { is: 'read', asOf, concealed, sizes };
    } catch (error) {
      if (!isFault(error)) throw error;
      return { is: 'refused', cause: { code: error.code, ...(error.advice === undefined ? {} : { advice: error.advice }) } };
    }
  }
}
