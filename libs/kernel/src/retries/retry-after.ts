/** Milliseconds that a Retry-After header asks for (RFC 9110 §10.2.3: seconds or a date), or undefined. `now` is ISO 8601. */
export const retryAfterMs = (header: string | null | undefined, now: string): number | undefined => {
  if (header === undefined || header === null) return undefined;
  const text = header.trim();
  if (/^\d{1,9}(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // A date has letters; anything else that Date.parse would take is no Retry-After.
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.parse(now));
};
