import { completed, faultyRows } from './bulk-add-rows.js';

describe('rows for Bulk Add', () => {
  it('get the name of their PST from the address where there is nothing else', () => {
    expect(completed('ann@contoso.com\nben@contoso.com,b.pst\n\n  cleo@contoso.com  ')).toBe(
      'ann@contoso.com,ann.pst\nben@contoso.com,b.pst\n\ncleo@contoso.com,cleo.pst',
    );
    expect(completed('Source Email,Destination Email\r\nann@contoso.com,ann.pst')).toBe(
      'Source Email,Destination Email\r\nann@contoso.com,ann.pst',
    );
  });

  it('are shown with their faults in the order of the file', () => {
    const fault = (row: number, column: string) => ({ row, column, code: 'x', message: 'm' });
    const faults = [fault(3, 'Source'), fault(2, 'Source'), fault(3, 'Destination')];
    expect(faultyRows('a,b\r\nc,d\ne,f', faults).map(({ row, text, faults: its }) => [row, text, its.map(({ column }) => column)])).toEqual(
      [
        [2, 'c,d', ['Source']],
        [3, 'e,f', ['Source', 'Destination']],
      ],
    );
  });
});
