import { nodeFiles, type LogFile, type LogFiles } from './files.js';

type Call = 'open' | 'read' | 'write' | 'datasync' | 'truncate' | 'syncDir';

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

/** The machine's files with faults: calls fail while a fault is armed, and a full disk takes half of a write first. */
export class FaultyFiles implements LogFiles {
  /** Calls of each kind so far. */
  readonly calls = new Map<Call, number>();
  bytesWritten = 0;
  private readonly armed = new Map<Call, { code: string; times: number }>();

  /** The next `times` calls of a kind fail. */
  arm(call: Call, code: string, times = 1): void {
    this.armed.set(call, { code, times });
  }

  disarm(): void {
    this.armed.clear();
  }

  async open(path: string, create?: 'create'): Promise<LogFile> {
    this.check('open');
    const file = await nodeFiles.open(path, create);
    return {
      read: async (into, position) => {
        this.check('read');
        return file.read(into, position);
      },
      write: async (parts, position) => {
        try {
          this.check('write');
        } catch (error) {
          const whole = Buffer.concat(parts);
          await file.write([whole.subarray(0, whole.length / 2)], position);
          throw error;
        }
        this.bytesWritten += parts.reduce((sum, part) => sum + part.length, 0);
        await file.write(parts, position);
      },
      datasync: async () => {
        this.check('datasync');
        await file.datasync();
      },
      truncate: async (bytes) => {
        this.check('truncate');
        await file.truncate(bytes);
      },
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  async syncDir(dir: string): Promise<void> {
    this.check('syncDir');
    await nodeFiles.syncDir(dir);
  }

  list(dir: string): Promise<readonly string[]> {
    return nodeFiles.list(dir);
  }

  makeDir(dir: string): Promise<void> {
    return nodeFiles.makeDir(dir);
  }

  remove(path: string): Promise<void> {
    return nodeFiles.remove(path);
  }

  private check(call: Call): void {
    this.calls.set(call, (this.calls.get(call) ?? 0) + 1);
    const fault = this.armed.get(call);
    if (fault === undefined || fault.times === 0) return;
    fault.times--;
    throw systemError(fault.code);
  }
}
