import fc from 'fast-check';
import { azureScript } from './azure.js';
import { entraPowershell, entraScript, type EntraPlan } from './entra.js';
import { odataText, powershellText, shellText } from './quote.js';

const PLAN: EntraPlan = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  name: 'pstream',
  fallback: true,
  secretDays: 180,
  secretUntil: '2027-05-29',
  secretFile: 'secret.txt',
};
const AZURE = {
  account: 'contosopst',
  resourceGroup: 'pstream',
  region: 'westeurope',
  redundancy: 'LRS',
  softDeleteDays: 14,
  container: 'leavers',
};

/** No check of options is asked here: a script must be right for any text. The first letters are found nowhere else in a script. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom("'", '"', '$(x)', '${x}', '`', '\\', '\u2019', '; throw', '\n', '#', '-'),
      fc.string({ maxLength: 3, unit: 'grapheme' }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => `Qzv${parts.join('')}`);

/** `literals`: every way in which the value may stand in the script, the longest first. */
type Script = { readonly of: (text: string) => string; readonly literals: readonly ((text: string) => string)[] };
const SCRIPTS: readonly (readonly [string, Script])[] = [
  [
    'the name in the az script',
    { of: (name) => entraScript({ ...PLAN, name }), literals: [(name) => shellText(`displayName eq ${odataText(name)}`), shellText] },
  ],
  ['the secret file in the az script', { of: (secretFile) => entraScript({ ...PLAN, secretFile }), literals: [shellText] }],
  [
    'the SAS file in the az script',
    { of: (file) => azureScript({ ...AZURE, access: { is: 'sas', until: '2027-05-29T00:00Z', file } }), literals: [shellText] },
  ],
  ['the name in PowerShell', { of: (name) => entraPowershell({ ...PLAN, name }), literals: [powershellText] }],
  ['the secret file in PowerShell', { of: (secretFile) => entraPowershell({ ...PLAN, secretFile }), literals: [powershellText] }],
  ['the group in PowerShell', { of: (group) => entraPowershell({ ...PLAN, group }), literals: [powershellText] }],
];

describe('a printed script', () => {
  it.each(SCRIPTS)('differs by %s in nothing but that literal', (_, { of, literals }) => {
    const without = (text: string): string => literals.reduce((script, literal) => script.replaceAll(literal(text), '<value>'), of(text));
    const plain = without('Qzv');
    expect(plain.split('<value>')).toHaveLength(literals.length + 1);
    fc.assert(fc.property(anyText, (text) => expect(without(text)).toBe(plain)));
  });
});
