import { optionsCommand, optionsFieldOf, optionsOf, valuesOf } from './options-form.js';

const options = {
  itemTypes: ['email', 'contacts'] as ('email' | 'contacts')[],
  itemsFrom: '2020-01-01',
  itemsBefore: '2026-01-01',
  folderFilter: ['^Junk Email', '^#DeletedItems#'],
  folderMapping: ['^Inbox->Old/Inbox'],
  badItemLimit: 100,
  trialParts: 'discard' as const,
  skipHiddenFolders: true,
  recoverableItems: true,
} satisfies Parameters<typeof valuesOf>[0];

// Saving replaces all options: one that is missing here would be lost without a test that says so.
const everyOption: Required<Parameters<typeof valuesOf>[0]> = options;

describe('the form of the advanced options', () => {
  it('gives back what it was given, in either direction', () => {
    expect(optionsOf(valuesOf(everyOption))).toEqual(options);
    expect(optionsOf(valuesOf({}))).toEqual({});
  });

  it('sends no kind of items for the gateway to refuse, where none is chosen', () => {
    const none = { ...valuesOf({}), email: '', calendars: '', contacts: '', tasks: '', notes: '', journals: '' };
    expect(optionsOf(none)).toEqual({ itemTypes: [] });
  });

  it('shows faults of the gateway where they belong', () => {
    expect(['folderFilter.1', 'itemsBefore', 'itemTypes'].map(optionsFieldOf)).toEqual(['folderFilter', 'itemsBefore', 'email']);
  });

  it('has a command that sets the same', () => {
    expect(optionsCommand('P', {})).toBe('pstream project options P --reset');
    expect(optionsCommand('P', options)).toBe(
      "pstream project options P --reset --item-types email,contacts --items-from 2020-01-01 --items-before 2026-01-01 --folder-filter '^Junk Email' '^#DeletedItems#' --folder-mapping '^Inbox->Old/Inbox' --bad-item-limit 100 --trial-parts discard --skip-hidden-folders --recoverable-items",
    );
  });
});
