import { TOO_LONG } from './refusals.js';

const LONGEST_ANSWER = 1024 * 1024;

/** Like fetch, but for answers of a size that those of a provider and pages of prices have. */
export const fetchBounded = async (url: string, options: RequestInit): Promise<Response> => {
  const response = await fetch(url, options);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > LONGEST_ANSWER) throw new Error(TOO_LONG);
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(chunks.length === 0 ? null : Buffer.concat(chunks), { status, headers });
};
