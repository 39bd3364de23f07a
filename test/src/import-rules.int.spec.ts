import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const fixture = join(root, 'test', 'fixtures', 'import-rules');

type Report = { readonly summary: { readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[] } };

/** What the rules of the workspace say of the folder that breaks them. */
const violations = (): string[] => {
  const cruise = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const run = spawnSync(
    process.execPath,
    [cruise, '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'apps', 'libs'],
    { cwd: fixture, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  return (JSON.parse(run.stdout) as Report).summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
};

describe('the import rules', () => {
  const found = violations();
  it('see an app that reaches into another app', () =>
    expect(found).toContain('no-app-to-app: apps/gateway/src/reaches-into-another-app.ts'));
  it('see a domain that imports a Node module', () => expect(found).toContain('domain-is-pure: apps/gateway/src/domain/thing/impure.ts'));
  it('see a cycle', () => expect(found.some((each) => each.startsWith('no-circular: libs/kernel/src/'))).toBe(true));
  it('see a library that imports an app', () => expect(found).toContain('no-lib-to-app: libs/kernel/src/b.ts'));
  it('see an import that the table does not list', () => expect(found).toContain('libs-kernel-imports: libs/kernel/src/b.ts'));
});
