import type { MessagePort } from 'node:worker_threads';
import { connectTenant } from '@pstream/graph';
import { assert, defectToText, faultToText, isFault, type Clock, type Random } from '@pstream/kernel';
import { AHEAD, packed, type FromThread, type ToThread } from './messages.js';
import { checkedSource, type Source } from './source.js';

type Call = { readonly stop: AbortController; credit: number; wake: (() => void) | undefined };

/** Talks to tenants for whoever is at the other end of the port: connections, JSON, base64 and the check of every stream. */
export const serveSources = (
  port: Pick<MessagePort, 'on' | 'postMessage'>,
  ports: { readonly clock: Clock; readonly random: Random },
): void => {
  const sources = new Map<number, Source>();
  const calls = new Map<number, Call>();

  /** What is to be sent. Whatever the sockets brought in one turn goes at once: waking the other thread costs more than a message. */
  let outgoing: FromThread[] = [];
  let handedOver: ArrayBuffer[] = [];
  const send = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void => {
    if (outgoing.length === 0) setImmediate(flush);
    outgoing.push(message);
    handedOver.push(...transfer);
  };
  const flush = (): void => {
    port.postMessage(outgoing, handedOver);
    outgoing = [];
    handedOver = [];
  };

  const answer = async (id: number, source: Source, message: Extract<ToThread, { is: 'call' }>): Promise<void> => {
    const call: Call = { stop: new AbortController(), credit: AHEAD, wake: undefined };
    calls.set(id, call);
    call.stop.signal.addEventListener('abort', () => call.wake?.());
    try {
      // The other thread took name and arguments from the very method.
      const method = source[message.method] as (...args: unknown[]) => Promise<unknown> | AsyncIterable<unknown>;
      const result = method(...message.args, call.stop.signal);
      if (!(Symbol.asyncIterator in result)) send({ is: 'end', call: id, value: await result });
      else {
        for await (const value of result) {
          while (call.credit === 0 && !call.stop.signal.aborted) await new Promise<void>((resolve) => (call.wake = resolve));
          call.stop.signal.throwIfAborted();
          call.credit--;
          const ready = packed(value);
          send({ is: 'value', call: id, value: ready.value }, ready.transfer);
        }
        send({ is: 'end', call: id, value: undefined });
      }
    } catch (error) {
      // Whoever aborted does not wait for an answer. Our own bug concerns this call alone, as it would in the caller's thread.
      if (isFault(error)) send({ is: 'failed', call: id, fault: faultToText(error) });
      else if (!call.stop.signal.aborted) send({ is: 'bug', call: id, defect: defectToText(error) });
    } finally {
      calls.delete(id);
    }
  };

  port.on('message', (message: ToThread) => {
    switch (message.is) {
      case 'open': {
        const ledger = (entry: Extract<FromThread, { is: 'throttled' }>['entry']): void =>
          send({ is: 'throttled', source: message.source, entry });
        sources.set(message.source, checkedSource(connectTenant(message.connection, { ...ports, ledger })));
        return;
      }
      case 'call': {
        const source = sources.get(message.source);
        assert(source !== undefined, 'a source is opened before it is called');
        void answer(message.call, source, message);
        return;
      }
      case 'more': {
        const call = calls.get(message.call);
        if (call === undefined) return;
        call.credit += message.values;
        call.wake?.();
        return;
      }
      case 'abort':
        calls.get(message.call)?.stop.abort();
        return;
      case 'close': {
        const source = sources.get(message.source);
        sources.delete(message.source);
        void source?.close().then(() => send({ is: 'closed', source: message.source }));
        return;
      }
    }
  });
  send({ is: 'ready' });
};
