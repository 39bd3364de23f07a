const unit = (value: Uint8Array, at: number): number => (value[at] as number) | ((value[at + 1] as number) << 8);

/** Bytes of the longest prefix that is encoded; real ones have a handful of characters. */
const MAX_PREFIX_BYTES = 2 * 254;

const startsWith = (text: Uint8Array, head: Uint8Array): boolean => {
  if (head.length > text.length) return false;
  for (let i = 0; i < head.length; i++) if (text[i] !== head[i]) return false;
  return true;
};

const endsWith = (text: Uint8Array, tail: Uint8Array): boolean => {
  const from = text.length - tail.length;
  if (from < 0) return false;
  for (let i = 0; i < tail.length; i++) if (text[from + i] !== tail[i]) return false;
  return true;
};

const COLON = 0x3a;
const SPACE = 0x20;

/** Bytes of a prefix by the rule for subjects without one: up to three non-digit characters, a colon, a space. [MS-OXCMSG] 2.2.1.10. */
const guessedPrefixBytes = (subject: Uint8Array): number => {
  for (let i = 0; i <= 6 && i + 4 <= subject.length; i += 2) {
    const c = unit(subject, i);
    if (c === COLON) return i > 0 && unit(subject, i + 2) === SPACE ? i + 4 : 0;
    if ((c >= 0x30 && c <= 0x39) || c <= SPACE) return 0;
  }
  return 0;
};

/** Whether a subject already begins with U+0001 and a length that fits. [MS-PST] 2.5.3.1.1.1. */
const hasLeadIn = (subject: Uint8Array): boolean => {
  if (subject.length < 4 || unit(subject, 0) !== 1) return false;
  const code = unit(subject, 2);
  return code >= 1 && 2 * (code - 1) <= subject.length - 4;
};

/** PidTagSubject as a PST stores it: U+0001, prefix length + 1, the whole subject. [MS-PST] 2.5.3.1.1.1. All values are UTF-16LE.
 *  The prefix is PidTagSubjectPrefix, else what PidTagNormalizedSubject leaves, else found by rule. A subject with lead-in stays. */
export const subjectWithLeadIn = (subject: Uint8Array, prefix: Uint8Array | undefined, normalized: Uint8Array | undefined): Uint8Array => {
  if (hasLeadIn(subject)) return subject;
  let bytes: number;
  if (prefix !== undefined && startsWith(subject, prefix)) bytes = prefix.length;
  else if (normalized !== undefined && endsWith(subject, normalized)) bytes = subject.length - normalized.length;
  else bytes = guessedPrefixBytes(subject);
  if (bytes > MAX_PREFIX_BYTES) bytes = 0;
  const out = Buffer.allocUnsafe(4 + subject.length);
  out[0] = 1;
  out[1] = 0;
  out[2] = (bytes / 2 + 1) & 0xff;
  out[3] = 0;
  out.set(subject, 4);
  return out;
};
