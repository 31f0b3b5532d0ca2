import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { send } from './reply.ts';

const MEGABYTE = 1024 * 1024;

describe('a reader that does not read', () => {
  it('holds one slice in its socket, not the whole body, and gets the rest once it reads', async () => {
    const body = new Uint8Array(32 * MEGABYTE);
    let sent = 0;
    const finished: Promise<void>[] = [];
    const sockets: Socket[] = [];
    const server = createServer((request, response) => {
      sockets.push(response.socket!);
      finished.push(send(request, response, { status: 200, headers: {}, body, onSent: (bytes) => (sent += bytes) }));
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');

    const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    reader.pause();
    reader.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await once(server, 'request');
    // What the kernel takes is settled when nothing more is taken in several turns of the event loop.
    for (let last = -1, still = 0; still < 20; still = sent === last ? still + 1 : 0, last = sent) await new Promise((turn) => setTimeout(turn, 1));
    expect(sent).toBeLessThan(body.length / 2);
    expect(sockets[0]!.writableLength).toBeLessThan(MEGABYTE / 4);

    let received = 0;
    reader.on('data', (part) => (received += part.length));
    reader.resume();
    await once(reader, 'end');
    await Promise.all(finished);
    expect(received).toBeGreaterThan(body.length);
    expect(sent).toBe(body.length);
  });

  it('and goes away ends the sending', async () => {
    const server = createServer((request, response) => {
      response.on('error', () => undefined);
      void send(request, response, { status: 200, headers: {}, body: new Uint8Array(32 * MEGABYTE) }).then(() => server.emit('sent'));
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    reader.pause();
    reader.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(server, 'request');
    const sent = once(server, 'sent');
    reader.destroy();
    await sent;
  });
});
