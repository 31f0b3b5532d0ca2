/**
 * Writes answers: headers every answer carries, bodies in slices that wait for the reader. A slow reader holds one
 * reference to a shared buffer and a slice in its socket, never a copy; one that does not read at all is cut off.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Bytes handed to a socket at once: what may wait for one slow reader. */
const SLICE_BYTES = 64 * 1024;
/** A reader slower than a slice in this time is as good as gone (2 kB/s; no stream plays at that). */
const SLICE_TIMEOUT_MS = 30_000;

/** Anybody may read everything here from any page: it is what a seeder is for. No cookies, no credentials. */
const COMMON_HEADERS: OutgoingHttpHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Content-Length, Content-Range, Accept-Ranges, ETag, Date, Retry-After',
  'Timing-Allow-Origin': '*',
  'X-Content-Type-Options': 'nosniff',
};

export interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array;
  /** Called for each part of the body once the socket has taken it. */
  readonly onSent?: (bytes: number) => void;
}

export const NO_BODY = new Uint8Array(0);

/** Sends it all; resolves when the reader has it or is gone, never rejects. HEAD gets the headers alone. */
export async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const length = reply.status === 304 || reply.status === 204 ? {} : { 'Content-Length': reply.body.length };
  response.writeHead(reply.status, { ...COMMON_HEADERS, ...length, ...reply.headers });
  if (request.method !== 'HEAD') await writeBody(response, reply.body, reply.onSent);
  response.end();
}

async function writeBody(response: ServerResponse, body: Uint8Array, onSent?: (bytes: number) => void): Promise<void> {
  for (let at = 0; at < body.length && !response.destroyed; at += SLICE_BYTES) {
    const slice = body.subarray(at, at + SLICE_BYTES);
    const hasRoom = response.write(slice, (error) => {
      if (!error) onSent?.(slice.length);
    });
    if (!hasRoom) await drained(response);
  }
}

/** Resolves on drain and on the end of the connection; ends the connection of a reader that does not read. */
async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => response.destroy(), SLICE_TIMEOUT_MS);
    const done = (): void => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

export function json(value: unknown, status = 200, headers: OutgoingHttpHeaders = {}): Reply {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers }, body: Buffer.from(JSON.stringify(value)) };
}

/** A failure a program reads: one sentence under `error`. */
export const failure = (status: number, sentence: string, headers: OutgoingHttpHeaders = {}): Reply =>
  json({ error: sentence }, status, { 'Cache-Control': 'no-store', ...headers });

export const text = (body: string, type: string, headers: OutgoingHttpHeaders): Reply => ({
  status: 200,
  headers: { 'Content-Type': type, ...headers },
  body: Buffer.from(body),
});

/** The answer to a preflight (Fetch standard, section 3.2): reading with ranges and conditions is allowed to all. */
export const PREFLIGHT: Reply = {
  status: 204,
  headers: {
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': 'Range, If-None-Match, If-Range, Content-Type',
    'Access-Control-Max-Age': '86400',
  },
  body: NO_BODY,
};
