import { ProcessOutput, type OutputStream } from './output.js';

/** A stream that refuses while `refusal` is set, as a full disk or a closed pipe does. */
const stream = (): OutputStream & { refusal: string | undefined; readonly lines: string[] } => ({
  refusal: undefined,
  lines: [],
  write(text, done) {
    if (this.refusal === undefined) this.lines.push(text);
    done(this.refusal === undefined ? null : Object.assign(new Error('refused'), { code: this.refusal }));
    return true;
  },
  on: () => undefined,
});

describe('output of a process', () => {
  it.each(['EPIPE', 'ENOSPC'])(
    'that fails with %s ends nothing; what was lost is counted, and told when lines go through again',
    async (code) => {
      const to = stream();
      const output = new ProcessOutput('stderr', to, (lost) => `lost ${lost}\n`);
      await output.written('a\n');
      to.refusal = code;
      output.write('b\n');
      output.write('c\n');
      await expect(output.written('d\n')).rejects.toMatchObject({ code: 'output.unwritable', facts: { output: 'stderr', reason: code } });
      expect(output.lost).toBe(3);
      to.refusal = undefined;
      await output.written('e\n');
      await output.written('f\n');
      expect(to.lines).toEqual(['a\n', 'e\n', 'lost 3\n', 'f\n']);
    },
  );
});
