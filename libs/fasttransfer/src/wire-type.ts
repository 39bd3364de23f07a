import { fixedSize, MULTIPLE, PT } from '@pstream/mapi';
import { isKnownPage, UTF16 } from '@pstream/mapi/code-pages';

/** What a 16-bit property type of the wire means: the type of the item model, and for strings how their bytes are to be read. */
export type WireType = {
  /** Type without MULTIPLE; strings of every form are PT.String. */
  readonly base: number;
  readonly multiple: boolean;
  /** Bytes of one value on the wire (a Boolean has 2), or 0 if a length stands before it. */
  readonly bytes: number;
  /** Code page of a string; undefined where the type names none (001E) or the value is no string. */
  readonly page?: number;
};

const CODE_PAGE = 0x8000;
const LOW_12_BITS = 0x0fff;
const LISTED = new Set<number>([
  PT.Integer16,
  PT.Integer32,
  PT.Floating32,
  PT.Floating64,
  PT.Currency,
  PT.FloatingTime,
  PT.Integer64,
  PT.String8,
  PT.String,
  PT.Time,
  PT.Guid,
  PT.Binary,
]);
const COUNTED = new Set<number>([PT.String8, PT.String, PT.Binary, PT.Object, PT.ServerId]);

/** Reads a wire type; undefined if it is not in the grammar, so that the size of its value is unknown. */
export const wireType = (wire: number): WireType | undefined => {
  const known = READ.get(wire);
  if (known !== undefined) return known;
  const read = interpret(wire);
  if (read !== undefined) READ.set(wire, read);
  return read;
};

/** At most 65536 entries, in practice about thirty. */
const READ = new Map<number, WireType>();

const interpret = (wire: number): WireType | undefined => {
  if ((wire & CODE_PAGE) !== 0) {
    const page = wire & ~CODE_PAGE;
    // Bit 0x1000 is part of some page numbers (20866) and the mark of a list for the rest.
    const listPage = page & LOW_12_BITS;
    const multiple = !isKnownPage(page) && (page & MULTIPLE) !== 0 && isKnownPage(listPage);
    return { base: PT.String, multiple, bytes: 0, page: multiple ? listPage : page };
  }
  const base = wire & ~MULTIPLE;
  const multiple = (wire & MULTIPLE) !== 0;
  if (multiple && !LISTED.has(base)) return undefined;
  if (base === PT.String) return { base, multiple, bytes: 0, page: UTF16 };
  if (base === PT.String8) return { base: PT.String, multiple, bytes: 0 };
  if (COUNTED.has(base)) return { base, multiple, bytes: 0 };
  const size = base === PT.Boolean ? 2 : fixedSize(base);
  return size === undefined ? undefined : { base, multiple, bytes: size };
};

/** The wire type of strings in `page`, or undefined if a reader would take it for something else. */
export const pageType = (page: number, multiple: boolean): number | undefined => {
  const wire = CODE_PAGE | page | (multiple ? MULTIPLE : 0);
  const read = interpret(wire);
  return read?.page === page && read.multiple === multiple ? wire : undefined;
};
