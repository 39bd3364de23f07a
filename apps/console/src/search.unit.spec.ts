import { buySearch, errorSearch, mailboxSearch, projectSearch, projectsSearch, startSearch } from './search.js';

describe('the address of a page', () => {
  it('says what the table shows', () => {
    expect(projectSearch({ view: 'attention', q: 'ann', code: 'items', sort: 'failed', desc: true })).toEqual({
      view: 'attention',
      q: 'ann',
      code: 'items',
      sort: 'failed',
      desc: true,
    });
    // A search for digits comes as a number.
    expect(projectSearch({ q: 42 })).toEqual({ q: '42' });
  });

  it('leaves out what is understood by itself or not at all', () => {
    expect(projectSearch({ view: 'all', sort: 'source', desc: 'yes', q: '', other: 1 })).toEqual({});
    expect(projectSearch({ view: '<script>', sort: { $gt: '' }, code: ['x'] })).toEqual({});
    expect(mailboxSearch({ tab: 'none' })).toEqual({});
    expect(errorSearch({ state: 'mended', other: 1 })).toEqual({ state: 'mended' });
    expect(projectSearch({ status: 'Completed with errors' })).toEqual({ status: 'Completed with errors' });
    expect(projectSearch({ status: 'Call 555-0100 at once', code: 'Call 555-0100 at once' })).toEqual({});
    expect(projectsSearch({ by: 'running', q: 'x'.repeat(300) })).toEqual({ by: 'running', q: 'x'.repeat(200) });
    expect(buySearch({ renew: '01J8ZQ4N5W9K7C1B2D3E4F5G6H' })).toEqual({ renew: '01J8ZQ4N5W9K7C1B2D3E4F5G6H' });
    expect(buySearch({ renew: '../../tokens' })).toEqual({});
    expect(startSearch({ customer: '01J8ZQ4N5W9K7C1B2D3E4F5G6A', project: '<script>', mailbox: 1 })).toEqual({
      customer: '01J8ZQ4N5W9K7C1B2D3E4F5G6A',
    });
  });
});
