/** Takes a request's body in: never more of it than it may have, never more of all together than this process can hold. */
import type { IncomingMessage } from 'node:http';
import { NO_BODY } from '#server/seeder/reply';
import { PublishError } from './publish-error.ts';
import type { PublishSettings } from './publish-settings.ts';

export class BodyReader {
  readonly #settings: Pick<PublishSettings, 'maxBodyBytesInFlight' | 'bodyTimeoutMs'>;
  #inFlight = 0;

  constructor(settings: Pick<PublishSettings, 'maxBodyBytesInFlight' | 'bodyTimeoutMs'>) {
    this.#settings = settings;
  }

  /** Bytes promised to bodies that are arriving. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** @throws PublishError when it is longer than `maxBytes`, has no length, ends early, or there is no room for it. */
  async read(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
    const text = request.headers['content-length'];
    if (text === undefined && request.headers['transfer-encoding'] === undefined) return NO_BODY;
    if (text === undefined) throw new PublishError(411, 'The length of the body must be said ahead.');
    const length = Number(text);
    if (length > maxBytes) throw new PublishError(413, `The body has ${length} bytes; here it may have ${maxBytes}.`);
    if (this.#inFlight + length > this.#settings.maxBodyBytesInFlight) throw new PublishError(503, 'The server is busy taking other uploads; try again in a second.', { 'Retry-After': '1' });
    this.#inFlight += length;
    try {
      return await receive(request, length, this.#settings.bodyTimeoutMs);
    } finally {
      this.#inFlight -= length;
    }
  }
}

async function receive(request: IncomingMessage, length: number, timeoutMs: number): Promise<Uint8Array> {
  const body = Buffer.allocUnsafeSlow(length);
  let at = 0;
  const timer = setTimeout(() => request.destroy(), timeoutMs);
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      if (at + part.length > length) throw new PublishError(400, 'The body is longer than it said.');
      part.copy(body, at);
      at += part.length;
    }
  } catch (error) {
    if (error instanceof PublishError) throw error;
    throw new PublishError(400, 'The body broke off.'); // The connection is gone: nobody reads this answer.
  } finally {
    clearTimeout(timer);
  }
  if (at !== length) throw new PublishError(400, 'The body ended early.');
  return body;
}
