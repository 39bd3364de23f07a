const two = (value: number): string => String(value).padStart(2, '0');

/** A moment as an input of a browser takes it: to the minute, in the browser's own zone. */
export const localOf = (instant: string): string => {
  const at = new Date(instant);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
};

/** The moment that an input of a browser means. Undefined for one that it cannot mean, such as an hour that its clocks skip. */
export const instantOf = (local: string): string | undefined => {
  const at = new Date(local);
  if (Number.isNaN(at.getTime())) return undefined;
  return localOf(at.toISOString()) === local.slice(0, 16) ? at.toISOString() : undefined;
};
