import { changeCommand, type ChangeValues } from './changes.js';

const values: ChangeValues = { priority: '50', toProjectId: 'Q', parts: 'keep', stop: '' };
const rows = [{ source: 'ann@contoso.com' }, { source: "o'hara@contoso.com" }];

it.each([
  ['priority', values, String.raw`pstream mailbox priority P ann@contoso.com 'o'\''hara@contoso.com' --to 50`],
  ['move', values, String.raw`pstream mailbox move P ann@contoso.com 'o'\''hara@contoso.com' --to Q`],
  [
    'start-over',
    { ...values, parts: 'delete' },
    String.raw`pstream export start-over P ann@contoso.com 'o'\''hara@contoso.com' --delete-parts --yes`,
  ],
  ['remove', { ...values, stop: 'yes' }, String.raw`pstream mailbox remove P ann@contoso.com 'o'\''hara@contoso.com' --stop --yes`],
] as const)('a change has a command that means the same: %s', (change, given, command) => {
  expect(changeCommand(change, 'P', rows, false, given)).toBe(command);
});

it('a change of every mailbox, or of more than a line takes, says so', () => {
  expect(changeCommand('remove', 'P', rows, true, values)).toBe('pstream mailbox remove P --all --yes');
  expect(
    changeCommand(
      'remove',
      'P',
      Array.from({ length: 21 }, () => rows[0]!),
      false,
      values,
    ),
  ).toBe('pstream mailbox remove P --file addresses.txt --yes');
});
