import { readFileSync } from 'node:fs';
import { apiDocument } from '@pstream/api';

/** Something that Schemathesis found, without what it sent: where, what kind of finding, and what the gateway answered. */
export type Finding = {
  readonly operation: string;
  readonly finding: string;
  readonly status: number;
  /** Code of the problem in the answer; empty where it is none. */
  readonly code: string;
};

/** A finding that is right as it is, and why. */
export type Explained = Finding & { readonly because: string };

type Check = { readonly failure_info?: { readonly failure: { readonly title: string } } };
type Interaction = { readonly response?: { readonly status_code: number; readonly content?: { readonly $base64: string } | null } | null };
type Line = {
  readonly ScenarioFinished?: {
    readonly recorder: {
      readonly label: string;
      /** Both by the id of a case; absent where none was run. */
      readonly checks?: Readonly<Record<string, readonly Check[]>>;
      readonly interactions?: Readonly<Record<string, Interaction>>;
    };
  };
  readonly EngineFinished?: unknown;
  readonly NonFatalError?: unknown;
  readonly FatalError?: unknown;
};

/** What a report in NDJSON says: every finding once, how many requests were sent to which operations, and whether the run came to its end. */
export const readReport = (
  file: string,
): { readonly findings: readonly Finding[]; readonly requests: ReadonlyMap<string, number>; readonly errors: readonly unknown[] } => {
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const findings = new Map<string, Finding>();
  const requests = new Map<string, number>();
  for (const { ScenarioFinished } of lines) {
    if (ScenarioFinished === undefined) continue;
    const { label: operation, checks = {}, interactions = {} } = ScenarioFinished.recorder;
    requests.set(operation, (requests.get(operation) ?? 0) + Object.keys(interactions).length);
    for (const [id, all] of Object.entries(checks)) {
      const { response } = interactions[id] ?? {};
      for (const { failure_info: failed } of all) {
        if (failed === undefined) continue;
        const found = { operation, finding: failed.failure.title, status: response?.status_code ?? 0, code: codeIn(response) };
        findings.set(JSON.stringify(found), found);
      }
    }
  }
  const errors = lines.flatMap(({ NonFatalError, FatalError }) => NonFatalError ?? FatalError ?? []);
  if (!lines.some((line) => 'EngineFinished' in line)) errors.push('the run was cut off');
  return { findings: [...findings.values()], requests, errors };
};

const codeIn = (response: Interaction['response']): string => {
  try {
    const text = Buffer.from(response?.content?.$base64 ?? '', 'base64').toString();
    return (JSON.parse(text) as { code?: string }).code ?? '';
  } catch {
    return '';
  }
};

type Parameter = { readonly name?: string; readonly example?: unknown };
type Described = { readonly parameters?: readonly Parameter[]; readonly operationId: string };

/** A configuration by which every path parameter names something that is there, and every `atLeast` a version that has been reached. `streams`
 *  are the streams to name, by what they begin with; the operations that `others` are of get its parameters in place of the first. */
export const configuration = (
  parameters: Readonly<Record<string, string>>,
  streams?: Readonly<Record<string, string>>,
  others: { readonly of: RegExp; readonly parameters: Readonly<Record<string, string>> } = { of: /^$/, parameters: {} },
): string => {
  const operations = Object.values(apiDocument('0.1.0').paths).flatMap((methods) =>
    Object.values(methods as Record<string, Described>).flatMap(({ operationId, parameters: own = [] }) => {
      const example = own.find(({ name }) => name === 'atLeast')?.example;
      const given = others.of.test(operationId) ? { ...others.parameters } : {};
      if (streams !== undefined && typeof example === 'string') {
        const stream = streams[example.split(':')[0] ?? ''];
        if (stream === undefined) throw new Error(`${operationId}: no stream stands for ${example}`);
        given['query.atLeast'] = `${stream}:1`;
      }
      const lines = Object.entries(given).map(([name, value]) => `parameters."${name}" = "${value}"`);
      return lines.length === 0 ? [] : ['[[operations]]', `include-operation-id = "${operationId}"`, ...lines];
    }),
  );
  return [
    // What is stale, or was said before with other words, is refused though its form is right: 412 and 422 stand for nothing else here.
    '[checks.positive_data_acceptance]',
    'expected-statuses = ["2xx", 404, 409, 412, 422]',
    '[checks.negative_data_rejection]',
    'expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 431]',
    '[parameters]',
    ...Object.entries(parameters).map(([name, value]) => `"${name}" = "${value}"`),
    ...operations,
    '',
  ].join('\n');
};
