import type { GrantedCall, Reply } from './call.js';
import { badRequest, Refusal } from './refusal.js';

type Part = {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dependsOn: readonly string[];
};

const MAX_PARTS = 20;
// Graph forwards so many parts at a time to Outlook.
const AT_ONCE = 4;

/** `POST /$batch`: up to 20 parts, four at a time, answers in the order in which they are ready. */
export const answerBatch = async (call: GrantedCall, dispatch: (part: Part) => Promise<Reply>): Promise<Reply> => {
  if (!/^application\/json\b/i.test(call.headers['content-type'] ?? ''))
    throw new Refusal(415, 'UnsupportedMediaType', 'Use application/json.');
  const parts = readParts((await call.body()).toString('utf8'));
  const responses: { id: string; status: number; headers: Readonly<Record<string, string>>; body?: unknown }[] = [];
  const failed = new Set<string>();
  const run = async (part: Part): Promise<void> => {
    const blocked = part.dependsOn.some((id) => failed.has(id));
    const reply: Reply = blocked
      ? { status: 424, json: { error: { code: 'FailedDependency', message: 'A request it depends on has failed.' } } }
      : await dispatch(part);
    if (reply.status >= 400) failed.add(part.id);
    responses.push({
      id: part.id,
      status: reply.status,
      headers: { ...(reply.json === undefined ? {} : { 'Content-Type': 'application/json' }), ...capitalised(reply.headers) },
      ...(reply.json === undefined ? {} : { body: reply.json }),
    });
  };
  let waiting = parts;
  const done = new Set<string>();
  while (waiting.length > 0) {
    const ready = waiting.filter((part) => part.dependsOn.every((id) => done.has(id))).slice(0, AT_ONCE);
    if (ready.length === 0) throw badRequest('The dependencies of the batch form a circle.');
    await Promise.all(ready.map(run));
    for (const part of ready) done.add(part.id);
    waiting = waiting.filter((part) => !ready.includes(part));
  }
  return { status: 200, json: { responses } };
};

const capitalised = (headers: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), value]),
  );

const readParts = (text: string): readonly Part[] => {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badRequest('Unable to read JSON request payload.');
  }
  const list: unknown = typeof body === 'object' && body !== null && 'requests' in body ? body.requests : undefined;
  if (!Array.isArray(list)) throw badRequest("The batch needs a list 'requests'.");
  if (list.length === 0 || list.length > MAX_PARTS) throw badRequest(`Number of batch request steps must be 1 to ${MAX_PARTS}.`);
  const parts = list.map(readPart);
  const ids = new Set(parts.map((part) => part.id));
  if (ids.size !== parts.length) throw badRequest('Ids of a batch must be unique.');
  if (parts.some((part) => part.dependsOn.some((id) => !ids.has(id)))) throw badRequest('A dependency names no request of the batch.');
  return parts;
};

const readPart = (value: unknown): Part => {
  const record = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const { id, method, url, headers, dependsOn } = record;
  if (typeof id !== 'string' || typeof method !== 'string' || typeof url !== 'string')
    throw badRequest('Each request of a batch needs id, method and url.');
  const named = Object.entries(typeof headers === 'object' && headers !== null ? headers : {}).map(([name, each]): [string, string] => [
    name.toLowerCase(),
    String(each),
  ]);
  const depends: readonly unknown[] = Array.isArray(dependsOn) ? dependsOn : [];
  return { id, method: method.toUpperCase(), url, headers: Object.fromEntries(named), dependsOn: depends.map(String) };
};
