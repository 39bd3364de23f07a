/** What an error or a rejection may carry: ids, counts, sizes, hashes, codes. Never mail content, and never a secret. */
export type Facts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
