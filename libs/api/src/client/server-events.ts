/** Something that came on a stream of server-sent events. `id` is the last one that the stream has named, as `Last-Event-ID` takes it. */
export type ServerEvent =
  | { readonly is: 'event'; readonly name: string; readonly data: string; readonly id: string }
  | { readonly is: 'comment' };

/** Reads server-sent events off a body (HTML Living Standard 9.2.6), however it is cut into chunks. An event that the end of the body cuts
 *  off is dropped. Rejects as the body does. */
export const serverEvents = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void, undefined> {
  let [id, name] = ['', ''];
  let data: string[] = [];
  for await (const line of linesOf(body)) {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (line === '') {
      if (data.length > 0) yield { is: 'event', name: name === '' ? 'message' : name, data: data.join('\n'), id };
      [name, data] = ['', []];
    } else if (field === '') yield { is: 'comment' };
    else if (field === 'event') name = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
  }
};

/** Lines end in LF, CRLF or CR; what follows the last end is no line. */
const linesOf = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    // A CR at the end may be half of a CRLF.
    const complete = /^[^]*(?:\n|\r(?!$))/.exec(rest)?.[0] ?? '';
    rest = rest.slice(complete.length);
    if (complete !== '') yield* complete.replace(/(?:\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/);
  }
  if (rest.endsWith('\r')) yield* rest.slice(0, -1).split('\r');
};
