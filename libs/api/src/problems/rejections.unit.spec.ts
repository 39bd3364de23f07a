import { COMMON_REJECTIONS, SERVICE_COMMANDS } from '@pstream/contracts';
import { PROBLEM_TEXTS } from './problem-texts.js';

describe('the problem texts', () => {
  it('have words for every rejection of every command', () => {
    const codes: string[] = [...COMMON_REJECTIONS];
    for (const commands of Object.values(SERVICE_COMMANDS)) for (const { rejections } of Object.values(commands)) codes.push(...rejections);
    expect(codes.filter((code) => !(code in PROBLEM_TEXTS))).toEqual([]);
  });
});
