import { makeIndex, openIndex } from './find.js';

const find = openIndex(
  makeIndex([
    {
      id: 'causes#graph-throttled',
      title: 'graph.throttled',
      page: 'Causes',
      text: 'Microsoft asks us to slow down. The pass waits and goes on.',
    },
    {
      id: 'plan#pause',
      title: 'Pause everything',
      page: 'Plan the night',
      text: 'A pause holds passes that have not begun; throttled ones too.',
    },
    { id: 'sas#rights', title: 'What rights a SAS needs', page: 'Azure Blob', text: 'Read, create, write and delete.' },
  ]),
);

describe('the search of the manual', () => {
  it('finds a code, whole and by a word of it', () => {
    expect(find('graph.throttled')[0]).toBe('causes#graph-throttled');
    expect(find('throttled')).toEqual(['causes#graph-throttled', 'plan#pause']);
  });
  it('finds beginnings of words, and words that are nearly right, but only where all of them are', () => {
    expect(find('sas righ')).toEqual(['sas#rights']);
    expect(find('everithing')).toEqual(['plan#pause']);
    expect(find('sas throttled')).toEqual([]);
  });
  it('finds nothing for nothing', () => {
    expect(find(' ')).toEqual([]);
  });
});
