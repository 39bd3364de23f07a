import type { Destination, PartLayout, PartStore } from '@pstream/blob';
import { Fault, type DefectText, type FaultText } from '@pstream/kernel';
import { verifyPst } from '@pstream/pst/verify';

/** A part to be read back: where it is, and what must be in it: an entry per item (hidden or not, digest) in order of arrival. */
export type PartToVerify = {
  readonly destination: Destination;
  readonly layout: PartLayout;
  readonly name: string;
  readonly entries: readonly Uint8Array[];
};

/** What a thread that verifies says: that it has started, then for each part its SHA-256 (hex), what a Fault says of it, or our own bug. */
export type FromVerifyThread = 'ready' | { readonly sha256: string } | { readonly fault: FaultText } | { readonly defect: DefectText };

/** Reads parts back. */
export interface Verifier {
  /** The file's SHA-256 (hex). Fault 'part.verification-failed' (never) names what differs. */
  verify(part: PartToVerify): Promise<string>;
  close(): Promise<void>;
}

/** Reads a committed part back from its destination and compares it with what was received: structure, counts, a digest
 *  per item, and the file's SHA-256, which is returned. */
export const verifyPart = async (parts: PartStore, name: string, entries: readonly Uint8Array[]): Promise<string> => {
  const source = await parts.open(name);
  try {
    const report = await verifyPst(source, {
      sha256: true,
      expected: { items: entries.length, digest: (n) => entries[n]!.subarray(1), associated: (n) => entries[n]![0] === 1 },
    });
    if (report.ok && report.sha256 !== undefined) return report.sha256;
    throw new Fault('part.verification-failed', {
      retry: 'never',
      facts: {
        name,
        problems: report.problems.length,
        first: report.problems.slice(0, 5).map((problem) => `${problem.code} at ${problem.where}`),
      },
      advice: 'Do not use this part. Keep it for analysis, and report the codes above.',
    });
  } finally {
    await source.close();
  }
};
