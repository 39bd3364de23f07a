import { Agent, createServer, request, type IncomingMessage } from 'node:http';

/** What happens to a request: its connection is cut before it is sent on, or after the server has answered it. */
export type Loss = 'request-lost' | 'reply-lost';

/** A server in front of another one that loses what `judge` says. `count` is 1 for the first request. */
export type LossyProxy = { readonly endpoint: string; close(): Promise<void> };

/** Starts a proxy to an endpoint such as http://127.0.0.1:10000/account. */
export const lossyProxy = async (
  endpoint: string,
  judge: (call: { readonly count: number; readonly method: string; readonly url: string }) => Loss | undefined,
): Promise<LossyProxy> => {
  const target = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming;
    const loss = judge({ count: ++count, method, url });
    void read(incoming).then((body) => {
      if (loss === 'request-lost') return incoming.socket.destroy();
      const onward = request(
        { agent, host: target.hostname, port: target.port, method, path: url, headers: incoming.headers },
        (answer) => {
          void read(answer).then((bytes) => {
            if (loss === 'reply-lost') return incoming.socket.destroy();
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            return outgoing.end(bytes);
          });
        },
      );
      onward.on('error', () => incoming.socket.destroy());
      return onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}${target.pathname}`,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const read = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    // The client has gone; what it sent so far is dropped with the connection.
  }
  return Buffer.concat(chunks);
};
