import type { TenantConnection, ThrottleEntry } from '@pstream/graph';
import { faultFromText, faultToText, type DefectText, type Fault, type FaultText } from '@pstream/kernel';
import type { Source } from './source.js';

// What the extractor and the thread that talks to tenants say to each other. Both are of one build, so nothing here is ever parsed.

/** Methods that end with one value, and methods that give values one after another. */
export type Method = Exclude<keyof Source, 'close'>;

export type ToThread =
  | { readonly is: 'open'; readonly source: number; readonly connection: TenantConnection }
  | { readonly is: 'call'; readonly call: number; readonly source: number; readonly method: Method; readonly args: readonly unknown[] }
  /** So many more values of that call may be sent. */
  | { readonly is: 'more'; readonly call: number; readonly values: number }
  | { readonly is: 'abort'; readonly call: number }
  | { readonly is: 'close'; readonly source: number };

/** Sent several at a time. */
export type FromThread =
  /** The thread has started. */
  | { readonly is: 'ready' }
  | { readonly is: 'value'; readonly call: number; readonly value: unknown }
  | { readonly is: 'end'; readonly call: number; readonly value: unknown }
  | { readonly is: 'failed'; readonly call: number; readonly fault: FaultText }
  | { readonly is: 'bug'; readonly call: number; readonly defect: DefectText }
  | { readonly is: 'throttled'; readonly source: number; readonly entry: ThrottleEntry }
  | { readonly is: 'closed'; readonly source: number };

/** Values that a call may be ahead of its reader. What is on its way is part of a batch that is held until it is published anyway. */
export const AHEAD = 4;

type WithFaults = { readonly fault?: Fault; readonly damage?: Fault };
type WithTexts = { readonly fault?: FaultText; readonly damage?: FaultText };

/** Exported items, and entries of a folder tree that say what of it could not be listed. */
const mayHoldFaults = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && ('itemId' in value || 'fault' in value);

/** A value as it can be sent, and the memory that goes with it instead of being copied. */
export const packed = (value: unknown): { readonly value: unknown; readonly transfer: ArrayBuffer[] } => {
  if (!mayHoldFaults(value)) return { value, transfer: [] };
  const { fault, damage, ...rest } = value as unknown as WithFaults & Record<string, unknown>;
  const data = rest['data'];
  const whole = data instanceof Uint8Array && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
  const texts = {
    ...(fault === undefined ? {} : { fault: faultToText(fault) }),
    ...(damage === undefined ? {} : { damage: faultToText(damage) }),
  };
  return { value: { ...rest, ...texts }, transfer: whole ? [data.buffer] : [] };
};

/** The value that `packed` was given. */
export const unpacked = (value: unknown): unknown => {
  if (!mayHoldFaults(value)) return value;
  const { fault, damage, ...rest } = value as unknown as WithTexts & Record<string, unknown>;
  return {
    ...rest,
    ...(fault === undefined ? {} : { fault: faultFromText(fault) }),
    ...(damage === undefined ? {} : { damage: faultFromText(damage) }),
  };
};
