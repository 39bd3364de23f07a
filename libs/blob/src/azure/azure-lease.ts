import type { BlockBlobClient } from '@azure/storage-blob';
import { createHash } from 'node:crypto';
import { fenced } from '../extents.js';
import { leaseRefused, serviceCode, statusOf } from './azure-errors.js';

// Names of our own, so that the same part and epoch give the same lease id in every process. RFC 9562, version 5.
const NAMESPACE = Buffer.from('6f1d3c8e5b0a4d27a6c9e1f0b7428d53', 'hex');
const TRIES = 3;

/** The lease id that an owner proposes: a UUID of version 5 over (part, epoch). The same owner may so acquire twice, and whoever rolls a
 *  recorded commit forward under the same epoch holds the same lease. */
export const leaseIdOf = (partId: string, epoch: number): string => {
  const bytes = createHash('sha1').update(NAMESPACE).update(`${partId}\u0000${epoch}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** Makes the lease ours without end, breaking that of an earlier owner. Returns undefined where the service has no lease for a blob that
 *  is not committed: the protocol is safe without it. Fault 'part.fenced' if somebody keeps taking it back. */
export const acquireLease = async (
  blob: BlockBlobClient,
  leaseId: string,
  epoch: number,
  abortSignal: AbortSignal,
): Promise<string | undefined> => {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      await blob.getBlobLeaseClient(leaseId).acquireLease(-1, { abortSignal });
      return leaseId;
    } catch (error) {
      if (statusOf(error) === 404 && serviceCode(error) !== 'ContainerNotFound') return undefined;
      if (!leaseRefused(error)) throw error;
    }
    try {
      await blob.getBlobLeaseClient().breakLease(0, { abortSignal });
    } catch (error) {
      // Broken, released or expired meanwhile: all we wanted.
      if (!leaseRefused(error)) throw error;
    }
  }
  throw fenced(epoch, 'another owner keeps the lease');
};

/** Lets the lease go if it is still ours. */
export const releaseLease = async (blob: BlockBlobClient, leaseId: string, abortSignal: AbortSignal): Promise<void> => {
  try {
    await blob.getBlobLeaseClient(leaseId).releaseLease({ abortSignal });
  } catch (error) {
    if (!leaseRefused(error) && statusOf(error) !== 404) throw error;
  }
};
