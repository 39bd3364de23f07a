import { GraphContract, type ObservedExchange } from '@pstream/testing';

/** Holds every call to a simulated tenant, and every answer, against the API description. */
export type ContractTap = {
  readonly observe: (exchange: ObservedExchange) => void;
  /** What did not fit, each complaint once. */
  readonly complaints: ReadonlySet<string>;
  /** Method and path template of what was called. */
  readonly called: ReadonlySet<string>;
  /** Calls seen. */
  readonly calls: () => number;
};

/** Makes a tap; `shared` is the folder with the description. */
export const contractTap = (shared: string): ContractTap => {
  const contract = new GraphContract(shared);
  const complaints = new Set<string>();
  const called = new Set<string>();
  let calls = 0;
  return {
    complaints,
    called,
    calls: () => calls,
    observe: (exchange) => {
      calls++;
      called.add(`${exchange.method} ${contract.template(exchange.target) ?? 'unknown'}`);
      for (const complaint of contract.exchange(exchange)) complaints.add(complaint);
    },
  };
};
