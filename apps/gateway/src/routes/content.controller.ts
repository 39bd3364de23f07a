import { Readable } from 'node:stream';
import { Controller, Inject, StreamableFile } from '@nestjs/common';
import { Project } from '@pstream/api';
import { MailboxView, MOST_CHUNK_BYTES, VIEWS, type ReadPart, type ReadPartReply } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import { ask, type LogClient } from '@pstream/transport';
import { COMMANDS } from '@pstream/wiring';
import { attachmentHeader } from '../content/file-name.js';
import { messagePage, MESSAGE_POLICY } from '../content/safe-html.js';
import { problem, type ProblemError } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { Sender } from '../send/sender.js';

type Ask = ReadPart['ask'];
type Place = { readonly mailboxJobId: string; readonly partId: string };
type Reply<Is extends ReadPartReply['is']> = Extract<ReadPartReply, { readonly is: Is }>;

const idOf = (node: number): string => node.toString(16);
const DEEPEST = 8;

/** Messages in finished PSTs, for whoever may look at them. What they hold goes through here and stays nowhere. */
@Controller()
export class ContentController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Sender) private readonly sender: Sender,
    @Inject(COMMANDS) private readonly commands: LogClient,
  ) {}

  @Handles('permitViewing')
  async permit(@Request() { caller, params: { projectId }, body }: Asked<'permitViewing'>): Promise<Answered<'permitViewing'>> {
    return { id: projectId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'SwitchViewing', { projectId, ...body })) };
  }

  @Handles('listPartFolders')
  async folders(@Request() { params }: Asked<'listPartFolders'>): Promise<Answered<'listPartFolders'>> {
    const { folders, isWhole } = await this.#read(params, { what: 'folders' }, 'folders');
    return { items: folders.map(({ folder, path, items }) => ({ folderId: idOf(folder), path, messages: items })), whole: isWhole };
  }

  @Handles('listPartMessages')
  async messages(
    @Request() { params, query: { folder, subject, limit, cursor } }: Asked<'listPartMessages'>,
  ): Promise<Answered<'listPartMessages'>> {
    const node = folder === undefined ? null : Number.parseInt(folder, 16);
    const page = { limit, cursor: cursor ?? null };
    const asked: Ask =
      subject !== undefined
        ? { what: 'search', folder: node, subject, ...page }
        : { what: 'messages', folder: node ?? refuse(folderNeeded()), ...page };
    if (node === 0) throw problem('part.no-such-item', 404);
    const { messages, scanned, total, next } = await this.#read(params, asked, 'messages');
    const items = messages.map(({ message, folder: of, bytes, ...row }) => ({
      messageId: idOf(message),
      folderId: idOf(of),
      ...row,
      sizeBytes: bytes,
    }));
    return { items, scanned, total, next };
  }

  @Handles('getPartMessage')
  async message(@Request() { params }: Asked<'getPartMessage'>): Promise<Answered<'getPartMessage'>> {
    const { partId, messageId } = params;
    const { message } = await this.#read(params, { what: 'message', message: pathIn(messageId), html: false }, 'message');
    const { html: _html, attachments, isCut, ...shown } = message;
    return {
      ...shown,
      partId,
      messageId,
      cut: isCut,
      attachments: attachments.map(({ attachment, ...each }) => ({ attachmentId: idOf(attachment), ...each })),
    };
  }

  @Handles('showPartMessage')
  async page(@Request() { params, setPolicy }: Asked<'showPartMessage'>): Promise<StreamableFile> {
    const asked = { what: 'message', message: pathIn(params.messageId), html: true } as const;
    const { message } = await this.#read(params, asked, 'message');
    setPolicy(MESSAGE_POLICY);
    return new StreamableFile(Buffer.from(messagePage(message.html ?? '')), { type: 'text/html; charset=utf-8' });
  }

  @Handles('downloadPartAttachment')
  async attachment(@Request() { params }: Asked<'downloadPartAttachment'>): Promise<StreamableFile> {
    const [attachment = 0] = pathIn(params.attachmentId, 1);
    const message = pathIn(params.messageId);
    const chunk = (offset: number): Promise<Reply<'bytes'>> =>
      this.#read(params, { what: 'attachment', message, attachment, offset, length: MOST_CHUNK_BYTES }, 'bytes');
    const first = await chunk(0);
    const bytes = async function* (): AsyncGenerator<Buffer> {
      let at = 0;
      for (let next = first; at < first.total; next = await chunk(at)) {
        const some = Buffer.from(next.base64, 'base64');
        if (some.length === 0) throw new Error('An attachment ended before its end.');
        at += some.length;
        yield some;
        if (at >= first.total) return;
      }
    };
    return new StreamableFile(Readable.from(bytes(), { highWaterMark: 1 }), {
      type: 'application/octet-stream',
      disposition: attachmentHeader(first.name),
      length: first.total,
    });
  }

  /** Asks the builder, which has the way to the destination, once the project allows it. */
  async #read<Is extends ReadPartReply['is']>({ mailboxJobId, partId }: Place, asked: Ask, is: Is): Promise<Reply<Is>> {
    const { projectId } = await this.views.need(VIEWS.mailboxes, MailboxView, mailboxJobId, 'mailbox-job.unknown');
    const { viewing } = await this.views.need(VIEWS.projects, Project, projectId, 'mailbox-job.unknown');
    if (!viewing) throw problem('project.viewing-off', 403);
    if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(partId)) throw problem('part.unknown', 404);
    const reply = await ask(this.commands, 'content', 'ReadPart', { mailboxJobId, partId, ask: asked });
    if (reply.is === is) return reply as Reply<Is>;
    throw refusalOf(reply);
  }
}

const refusalOf = (reply: ReadPartReply): ProblemError => {
  switch (reply.is) {
    case 'no-part':
      return problem('part.unknown', 404);
    case 'not-in-part':
      return problem('part.no-such-item', 404);
    case 'bad-cursor':
      return problem('request.bad-cursor', 400);
    case 'refused': {
      const { code, advice } = reply.cause;
      return problem('part.not-readable', 409, { cause: code, ...(advice === undefined ? {} : { advice }) });
    }
    case 'folders':
    case 'messages':
    case 'message':
    case 'bytes':
      throw new Error('The builder has answered another question.');
    default:
      return assertNever(reply);
  }
};

/** The nodes that an id names. */
const pathIn = (id: string, most = DEEPEST): number[] => {
  if (!/^[0-9a-f]{1,8}(?:\.[0-9a-f]{1,8})*$/.test(id)) throw problem('part.no-such-item', 404);
  const nodes = id.split('.').map((part) => Number.parseInt(part, 16));
  if (nodes.length > most || nodes.includes(0)) throw problem('part.no-such-item', 404);
  return nodes;
};

const folderNeeded = (): ProblemError =>
  problem('request.invalid', 400, {}, [
    { column: 'folder', code: 'field.needed', message: 'Give a folder, a text to search subjects for, or both.' },
  ]);

const refuse = (error: ProblemError): never => {
  throw error;
};
