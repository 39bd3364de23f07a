import { embeddedKeys, platformKeys } from '../config.js';
import { readNoArguments, UsageError } from './arguments.js';

const keys = { ...embeddedKeys, masterKey: platformKeys.masterKey };

describe('arguments of a process', () => {
  it('are none', () => expect(readNoArguments('pstream', [], keys)).toBeUndefined());

  it('are refused by name, with the variable that was meant, and without their values', () => {
    const refused = (...args: string[]): string => {
      try {
        readNoArguments('pstream', args, keys);
      } catch (error) {
        if (error instanceof UsageError) return error.message;
      }
      throw new Error('they were taken');
    };
    expect(refused('--data', '/srv', '--lgo=debug', '--colour')).toBe(
      [
        'pstream takes no arguments; its settings are environment variables.',
        '  --data: set the variable PSTREAM_DATA instead.',
        '  --lgo: set the variable PSTREAM_LOG instead.',
        '  --colour: there is no such setting.',
      ].join('\n'),
    );
    expect(refused('--master-key=hunter2')).not.toContain('hunter2');
    expect(refused('serve')).toContain('takes no arguments');
  });

  it('may ask for help, which lists the settings', () => {
    expect(readNoArguments('pstream', ['--help'], keys)).toContain('PSTREAM_DATA');
  });
});
