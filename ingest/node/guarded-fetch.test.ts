import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { guardedFetch, isPrivateAddress, type FetchJob, type FetchRules } from './guarded-fetch.ts';

const LOCAL: FetchRules = { allowsPrivate: true, timeoutMs: 20_000 };

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const read = async (url: string, job: Partial<FetchJob> = {}, rules: Partial<FetchRules> = {}): Promise<string> =>
  Buffer.from((await guardedFetch({ url, limit: 1000, ...job }, { ...LOCAL, ...rules })).bytes).toString();

describe('an address that somebody else wrote', () => {
  it.each([
    '127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255',
    '::1', '::', 'fe80::1', 'fe80::1%eth0', 'fd00::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:a00:1', '::127.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', 'no address',
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(['1.1.1.1', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])('%s is public', (address) => expect(isPrivateAddress(address)).toBe(false));

  it.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]', 'http://2130706433', 'http://0x7f.1', 'http://[::ffff:127.0.0.1]'])('%s is not asked unless that is allowed', async (host) => {
    let asked = 0;
    const port = new URL(await serve((_, response) => {
      asked += 1;
      response.end('secret');
    })).port;
    await expect(read(`${host}:${port}/`, {}, { allowsPrivate: false })).rejects.toMatchObject({ reason: 'forbiddenAddress', message: expect.stringMatching(/private network; --allow-private/) as string });
    expect(asked).toBe(0);
  });

  it('is checked again after every redirect', async () => {
    const seen: string[] = [];
    const base = await serve((request, response) => {
      seen.push(request.url!);
      response.writeHead(302, { Location: request.url === '/1' ? '/2' : 'ftp://127.0.0.1/3' }).end();
    });
    await expect(read(`${base}/1`)).rejects.toMatchObject({ reason: 'forbiddenAddress' });
    expect(seen).toEqual(['/1', '/2']);
  });

  it('may redirect, but not for ever', async () => {
    const base = await serve((request, response) => (request.url === '/there' ? response.end('here') : response.writeHead(301, { Location: request.url === '/once' ? '/there' : '/again' }).end()));
    expect(await read(`${base}/once`)).toBe('here');
    await expect(read(`${base}/again`)).rejects.toThrow(/more than 5 times/);
  });

  it.each(['file:///etc/passwd', 'ftp://a/b', 'no address', 'http://user:password@a.example/'])('%s is none', async (url) => {
    await expect(read(url)).rejects.toMatchObject({ reason: 'forbiddenAddress' });
  });

  it('gives no more than was asked for, and says so where it is larger', async () => {
    const base = await serve((_, response) => response.end('x'.repeat(1001)));
    await expect(read(base)).rejects.toMatchObject({ reason: 'chunkTooLarge' });
    expect(await read(base, { limit: 1001 })).toHaveLength(1001);
  });

  it('that sends without an end is cut off', async () => {
    const base = await serve((_, response) => {
      const more = (): void => void response.write('x'.repeat(1000), () => (response.destroyed ? undefined : more()));
      more();
    });
    await expect(read(base)).rejects.toMatchObject({ reason: 'chunkTooLarge' });
  });

  it('that does not answer, or never ends, is given up', async () => {
    const silent = await serve(() => undefined);
    await expect(read(silent, {}, { timeoutMs: 50 })).rejects.toThrow(/did not answer within/);
    const slow = await serve((_, response) => void response.write('a'));
    await expect(read(slow, {}, { timeoutMs: 50 })).rejects.toMatchObject({ name: 'IngestError', reason: 'unreachable' });
  });

  it('gives a part of it, also where the server knows no ranges', async () => {
    const whole = await serve((_, response) => response.end('0123456789'));
    const ranged = await serve((request: IncomingMessage, response) => {
      expect(request.headers.range).toBe('bytes=3-6');
      response.writeHead(206).end('3456');
    });
    for (const base of [whole, ranged]) expect(await read(base, { range: { offset: 3, length: 4 } })).toBe('3456');
    await expect(read(whole, { range: { offset: 8, length: 4 } })).rejects.toMatchObject({ reason: 'damaged' });
  });

  it.each([[404], [500], [204]])('that answers %d says so', async (status) => {
    const base = await serve((_, response) => response.writeHead(status).end());
    await expect(read(base)).rejects.toThrow(`answers with status ${status}`);
  });

  it('where nobody listens says so', async () => {
    const base = await serve(() => undefined);
    await expect(read(base.replace(/\d+$/, '1'))).rejects.toThrow(/cannot be reached/);
  });
});
