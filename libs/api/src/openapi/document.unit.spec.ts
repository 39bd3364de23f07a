import { ADDRESSES, addressOf, type OperationId } from '../addresses.js';
import { PROBLEM_TEXTS } from '../problems/problem-texts.js';
import { problemsOf } from '../route.js';
import { operationIds, routeOf } from '../routes.js';
import { apiDocument } from './document.js';

type Node = { readonly [key: string]: unknown };
const document = JSON.parse(JSON.stringify(apiDocument('1.2.3'))) as Node;
const at = (node: unknown, ...path: readonly string[]): unknown => path.reduce<unknown>((inner, key) => (inner as Node)[key], node);

/** Every object below a node, with its place. */
const walk = function* (node: unknown, place = ''): Generator<readonly [string, Node]> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield [place, node as Node];
  for (const [key, inner] of Object.entries(node)) yield* walk(inner, `${place}/${key}`);
};
const operations = Object.entries(at(document, 'paths') as Record<string, Record<string, Node>>).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
);

describe('the API document', () => {
  it('has every operation of the table under its address', () => {
    expect(Object.fromEntries(operations.map(([address, { operationId }]) => [operationId, address]))).toEqual(ADDRESSES);
    expect(Object.keys(ADDRESSES).toSorted()).toEqual([...operationIds].toSorted());
  });

  it('has a sentence and an example for each property and parameter', () => {
    const bare: string[] = [];
    const isShown = (schema: Node): boolean => {
      const ref = schema['$ref'];
      // Objects, and lists of objects, show their own fields.
      const inner = (schema['items'] ?? schema) as Node;
      const isComposed = (one: Node): boolean =>
        ref !== undefined ||
        one['$ref'] !== undefined ||
        one['properties'] !== undefined ||
        one['oneOf'] !== undefined ||
        one['anyOf'] !== undefined;
      return Array.isArray(schema['examples']) || isComposed(inner);
    };
    for (const [place, node] of walk(at(document, 'components', 'schemas'), 'schemas')) {
      if (place.endsWith('/properties') || typeof node['properties'] !== 'object') continue;
      for (const [name, schema] of Object.entries(node['properties'] as Record<string, Node>)) {
        if (typeof schema['description'] !== 'string' || !isShown(schema)) bare.push(`${place}/${name}`);
      }
    }
    for (const [address, { parameters = [] }] of operations) {
      for (const parameter of parameters as Node[]) {
        if ('$ref' in parameter) continue;
        if (typeof parameter['description'] !== 'string' || !('example' in parameter)) bare.push(`${address} ${String(parameter['name'])}`);
      }
    }
    expect(bare).toEqual([]);
  });

  it('refers only to what it has, and has nothing that is not referred to', () => {
    const refs = new Set<string>();
    for (const [, { $ref, discriminator }] of walk(document)) {
      if (typeof $ref === 'string') refs.add($ref);
      if (discriminator !== undefined)
        for (const ref of Object.values(at(discriminator, 'mapping') as Record<string, string>)) refs.add(ref);
    }
    const names = [
      ...Object.keys(at(document, 'components', 'schemas') as Node).map((name) => `#/components/schemas/${name}`),
      ...['parameters', 'headers'].flatMap((kind) =>
        Object.keys(at(document, 'components', kind) as Node).map((name) => `#/components/${kind}/${name}`),
      ),
    ];
    expect([...refs].toSorted()).toEqual(names.toSorted());
  });

  it('tells the members of a union of objects apart by their kind', () => {
    expect(at(document, 'components', 'schemas', 'AddEndpoint', 'discriminator')).toEqual({
      propertyName: 'kind',
      mapping: {
        'microsoft-365': '#/components/schemas/Microsoft365Endpoint',
        'azure-blob': '#/components/schemas/AzureBlobEndpoint',
        folder: '#/components/schemas/FolderEndpoint',
      },
    });
    expect(at(document, 'components', 'schemas', 'Microsoft365Endpoint', 'properties', 'credential', 'discriminator', 'propertyName')).toBe(
      'kind',
    );
  });

  it.each(operationIds.map((id) => [id] as const))('tells of %s how it may be refused', (id) => {
    const responses = at(document, 'paths', addressOf(id).path, addressOf(id).method.toLowerCase(), 'responses') as Node;
    expect(Object.keys(responses).some((status) => status.startsWith('4'))).toBe(true);
    for (const [status, codes] of problemsOf(id, routeOf(id))) {
      expect(at(responses, String(status), 'content', 'application/problem+json', 'schema')).toEqual({
        $ref: '#/components/schemas/Problem',
      });
      expect(Object.keys(at(responses, String(status), 'content', 'application/problem+json', 'examples') as Node)).toEqual(codes);
      expect(codes.every((code) => code in PROBLEM_TEXTS)).toBe(true);
    }
  });

  it('has bodies for every change but those that take none', () => {
    const changes = operations.filter(([address]) => address.startsWith('POST'));
    const bare = changes.filter(([, { requestBody }]) => requestBody === undefined);
    expect(bare.map(([, { operationId }]) => operationId)).toEqual([
      'createSignInCode',
      'createAgentLink',
      'testSubscription',
      'rebuildView',
      'replayDeadLetter',
      'dropDeadLetter',
      'cancelOrder',
    ]);
    const add = changes.find(([, { operationId }]) => operationId === 'addMailboxes')?.[1];
    expect(Object.keys(at(add, 'requestBody', 'content') as Node)).toEqual(['application/json', 'text/csv']);
    expect(at(document, 'paths', '/v1/projects/{projectId}/errors.csv', 'get', 'responses', '200', 'content')).toHaveProperty(['text/csv']);
  });

  it('names the right and the roles of every operation that is not open', () => {
    for (const [address, operation] of operations) {
      const isOpen = (operation['security'] as unknown[]).length === 0;
      const { right } = routeOf(operation['operationId'] as OperationId);
      expect([address, operation['x-right'] ?? null, right ?? null]).toEqual([
        address,
        right ?? null,
        isOpen ? null : operation['x-right'],
      ]);
      expect([address, ((operation['x-roles'] as unknown[] | undefined) ?? []).length > 0]).toEqual([address, !isOpen]);
    }
  });

  it('needs a token everywhere but where it says so', () => {
    const open = operations.filter(([, { security }]) => (security as unknown[]).length === 0).map(([, { operationId }]) => operationId);
    expect(open).toEqual(['getHealth', 'getVersion', 'createSession', 'openReportLink']);
  });
});
