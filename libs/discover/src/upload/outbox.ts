import { open } from 'node:fs/promises';
import { z } from 'zod';
import { writeAt } from '../plan/write-at.js';
import { readLines } from './read-lines.js';

const Head = z.object({
  computer: z.string(),
  /** Without credentials. */
  destination: z.string(),
  plan: z.object({ rows: z.number(), toUpload: z.number(), bytes: z.number() }),
});
/** What a run says of its plan when it begins. Bytes are those that the plan has. */
export type RunHead = Readonly<z.infer<typeof Head>>;

const File = z.object({
  path: z.string(),
  name: z.string(),
  owner: z.string(),
  kind: z.string(),
  bytes: z.number().nullable(),
  state: z.enum(['uploaded', 'skipped', 'failed']),
  reason: z.string(),
  sha256: z.string().nullable(),
});
/** A file of a plan, and what became of it. */
export type ReportedFile = Readonly<z.infer<typeof File>>;

/** A message of a run. `key` makes its begin the same one, however often it is sent; reports are numbered from 1. */
const Message = z.discriminatedUnion('is', [
  z.object({ is: z.literal('begin'), key: z.string(), head: Head }),
  z.object({ is: z.literal('files'), report: z.number(), files: z.array(File) }),
  z.object({ is: z.literal('end'), stoppedBy: z.string().nullable() }),
]);
export type Message = z.infer<typeof Message>;

/** The message before was taken; of a begin, this is the id of the run. */
const Taken = z.object({ is: z.literal('taken'), runId: z.string().optional() });
const Line = z.discriminatedUnion('is', [...Message.options, Taken]);

/** Messages that are not taken yet, on disk: a process that is killed loses none that was added. */
export type Outbox = {
  /** A run has begun and not ended: what follows is still of it. */
  readonly isOpen: boolean;
  /** Number of the last report of that run; 0 before the first. */
  readonly lastReport: number;
  /** Id of the run that the next message is of; undefined before its begin is taken. */
  readonly runId: string | undefined;
  /** Messages that are not taken. */
  readonly waiting: number;
  add(message: Message): Promise<void>;
  /** The oldest message that is not taken. */
  next(): Promise<Message | undefined>;
  /** Notes that it is. Where that cannot be written, the message is sent again by the next run, and counts once. */
  taken(runId?: string): Promise<void>;
  close(): Promise<void>;
};

const OWNER_ONLY = 0o600;
const ADVICE = 'Move the file away: what was uploaded is then reported again, as another run.';
type Place = { readonly at: number; readonly bytes: number };

/** Opens an outbox, or begins it. An outbox of which everything was taken and no run is open begins again. Fault 'journal.unreadable' (never; facts
 *  file, line). */
export const openOutbox = async (path: string): Promise<Outbox> => {
  let isOpen = false;
  let lastReport = 0;
  let runId: string | undefined;
  const waiting: Place[] = [];
  const noted = (message: Message, place: Place): void => {
    if (message.is === 'begin') {
      isOpen = true;
      lastReport = 0;
    } else if (message.is === 'files') lastReport = message.report;
    else isOpen = false;
    waiting.push(place);
  };
  const kept = await readLines(path, Line, ADVICE, (line, place) => {
    if (line.is !== 'taken') return noted(line, place);
    waiting.shift();
    runId = line.runId ?? runId;
  });
  let end = isOpen || waiting.length > 0 ? (kept ?? 0) : 0;
  const file = await open(path, kept === undefined ? 'w+' : 'r+', OWNER_ONLY);
  try {
    await file.truncate(end);
  } catch (error) {
    await file.close();
    throw error;
  }
  let writing = Promise.resolve();
  const append = async (line: z.infer<typeof Line>, sync: boolean): Promise<Place> => {
    const text = Buffer.from(`${JSON.stringify(line)}\n`);
    const place = { at: end, bytes: text.byteLength };
    end += text.byteLength;
    // After a line that could not be written there is none, so that the file can be read up to there.
    writing = writing.then(async () => {
      await writeAt(file, text, place.at);
      if (sync) await file.sync();
    });
    await writing;
    return place;
  };
  return {
    get isOpen() {
      return isOpen;
    },
    get lastReport() {
      return lastReport;
    },
    get runId() {
      return runId;
    },
    get waiting() {
      return waiting.length;
    },
    add: async (message) => noted(message, await append(message, true)),
    next: async () => {
      const [place] = waiting;
      if (place === undefined) return undefined;
      const text = Buffer.alloc(place.bytes);
      await file.read(text, 0, place.bytes, place.at);
      return Message.parse(JSON.parse(text.toString('utf8')));
    },
    taken: async (id) => {
      waiting.shift();
      runId = id ?? runId;
      await append({ is: 'taken', ...(id === undefined ? {} : { runId: id }) }, false).catch(() => undefined);
    },
    close: async () => {
      await writing.catch(() => undefined);
      await file.close();
    },
  };
};
