/**
 * The host's side of the publishing API: signs each request, corrects a clock that is wrong, and tries again what the
 * network swallowed. The same in pages and in Node. Who publishes what and when is its caller's business.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBase64 } from '#protocol/base64';
import type { SignedDescription } from '#protocol/description';
import type { Floor, HostPresence } from '#protocol/hosted';
import type { ChannelId } from '#protocol/ids';
import {
  entriesReplySchema, MAX_ENTRIES_BODY_BYTES, presenceReplySchema, PUBLISH_HEADERS, PUBLISH_OPERATIONS, publishFailureSchema, publishPath,
  publishSigningBytes, publishStateSchema, SERVER_TIME_HEADER, type PublishOperationName, type PublishState,
} from '#protocol/publishing';
import { encodeLogEntries, type LogEntry } from '#protocol/record';
import { utf8 } from '#protocol/utf8';
import { PublishFailure } from './publish-error.ts';

/** Whoever holds the channel's key. */
export interface PublishSigner {
  readonly publicKey: Uint8Array;
  /** Ed25519 (RFC 8032), 64 bytes. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

export interface PublishClientOptions {
  /** `https://host[:port]`, without a slash at the end. */
  readonly serverUrl: string;
  readonly channel: ChannelId;
  readonly signer: PublishSigner;
  /** Milliseconds since 1970 by this machine's clock. */
  readonly wallClockMs: () => number;
  /** Resolves after that many ms; with a page's or a test's own clock. */
  readonly pause: (ms: number) => Promise<void>;
  readonly fetch?: typeof fetch;
}

/** Pause before a request is tried again, doubled each time up to the longest. */
const RETRY_MS = 300;
const RETRY_MAX_MS = 5_000;
/** A request without an answer for this long is given up; a large chunk on a slow line takes its time. */
const ANSWER_MS = 120_000;
/** A sign of life is of no use later. */
const BEAT_ANSWER_MS = 4_000;

const NO_BYTES = new Uint8Array(0);

interface Sent {
  readonly body?: Uint8Array;
  readonly stream?: number;
  readonly index?: number;
  readonly hash?: string;
  /** Whether it is tried until it succeeds, is refused, or the client is closed. */
  readonly isPatient: boolean;
}

export class PublishClient {
  readonly #options: PublishClientOptions;
  readonly #abort = new AbortController();
  readonly #aborted = new Promise<void>((resolve) => this.#abort.signal.addEventListener('abort', () => resolve(), { once: true }));
  /** Server's clock minus this machine's, ms. */
  #clockOffsetMs = 0;
  #lastTimeMs = 0;

  constructor(options: PublishClientOptions) {
    this.#options = options;
  }

  /** @throws PublishFailure, as all of these. */
  async describe(signed: SignedDescription, how: { readonly floor: Floor; readonly isListed: boolean }): Promise<void> {
    await this.#send('describe', { body: utf8(JSON.stringify({ signed, ...how })), isPatient: true });
  }

  /** In order, in as many requests as they need. @returns the index the server expects next. */
  async addEntries(stream: number, entries: readonly LogEntry[]): Promise<number> {
    let next = 0;
    for (const body of bodiesOf(entries)) {
      const reply = await this.#send('addEntries', { body, stream, isPatient: true });
      next = entriesReplySchema.parse(await reply.json()).next;
    }
    return next;
  }

  async putChunk(stream: number, index: number, bytes: Uint8Array): Promise<void> {
    await this.#send('putChunk', { body: bytes, stream, index, isPatient: true });
  }

  /** @param hash SHA-256 in hex, as the description has it */
  async putPicture(hash: string, bytes: Uint8Array): Promise<void> {
    await this.#send('putPicture', { body: bytes, hash, isPatient: true });
  }

  /** What the server has; null where it does not know the channel. */
  async state(): Promise<PublishState | null> {
    try {
      const reply = await this.#send('state', { isPatient: true });
      return publishStateSchema.parse(await reply.json());
    } catch (error) {
      if (error instanceof PublishFailure && error.status === 404) return null;
      throw error;
    }
  }

  /** One sign of life. @returns members of the swarm besides the host's own peer. */
  async tellPresence(presence: HostPresence): Promise<number> {
    const reply = await this.#send('presence', { body: utf8(JSON.stringify(presence)), isPatient: false });
    return presenceReplySchema.parse(await reply.json()).viewers;
  }

  /** Takes the channel off the server. */
  async remove(): Promise<void> {
    await this.#send('remove', { isPatient: true });
  }

  /**
   * A signed request that is still to be sent, for a page that is going away: its `fetch` must not wait for a signature.
   */
  async prepareBeat(presence: HostPresence): Promise<{ readonly url: string; readonly init: RequestInit }> {
    return this.#signed('presence', utf8(JSON.stringify(presence)), {});
  }

  /** Ends what is under way; it fails with `cancelled`. Idempotent. */
  close(): void {
    this.#abort.abort();
  }

  async #send(name: PublishOperationName, sent: Sent): Promise<Response> {
    let waitMs = RETRY_MS;
    for (;;) {
      try {
        return await this.#once(name, sent);
      } catch (error) {
        if (this.#abort.signal.aborted) throw new PublishFailure('cancelled', 0, 'Publishing was ended.', error);
        if (!(error instanceof PublishFailure) || error.reason !== 'unreachable' || !sent.isPatient) throw error;
      }
      await Promise.race([this.#options.pause(waitMs), this.#aborted]);
      waitMs = Math.min(2 * waitMs, RETRY_MAX_MS);
    }
  }

  async #once(name: PublishOperationName, sent: Sent): Promise<Response> {
    const first = await this.#fetch(name, sent);
    const serverTime = Number(first.headers.get(SERVER_TIME_HEADER));
    if (first.status !== 401 || !(serverTime > 0)) return accepted(first);
    // The clocks disagree; the server's counts.
    this.#clockOffsetMs = serverTime - this.#options.wallClockMs();
    this.#lastTimeMs = 0;
    return accepted(await this.#fetch(name, sent));
  }

  async #fetch(name: PublishOperationName, { body = NO_BYTES, isPatient, ...place }: Sent): Promise<Response> {
    const { url, init } = await this.#signed(name, body, place);
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(isPatient ? ANSWER_MS : BEAT_ANSWER_MS)]);
    try {
      return await (this.#options.fetch ?? fetch)(url, { ...init, signal });
    } catch (cause) {
      throw new PublishFailure('unreachable', 0, `The server ${new URL(this.#options.serverUrl).host} cannot be reached.`, cause);
    }
  }

  async #signed(name: PublishOperationName, body: Uint8Array, place: { readonly stream?: number; readonly index?: number; readonly hash?: string }): Promise<{ url: string; init: RequestInit }> {
    const { channel, serverUrl, signer, wallClockMs } = this.#options;
    const { method } = PUBLISH_OPERATIONS[name];
    const path = publishPath(name, { channel, ...place });
    // Two equal requests in one millisecond would have one signature, which counts once.
    const timeMs = Math.max(Math.round(wallClockMs() + this.#clockOffsetMs), this.#lastTimeMs + 1);
    this.#lastTimeMs = timeMs;
    const bodyHash = Array.from(sha256(body), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const signature = await signer.sign(publishSigningBytes({ method, path, timeMs, bodyHash }));
    const headers = {
      [PUBLISH_HEADERS.key]: bytesToBase64(signer.publicKey),
      [PUBLISH_HEADERS.time]: String(timeMs),
      [PUBLISH_HEADERS.signature]: bytesToBase64(signature),
    };
    return { url: serverUrl + path, init: { method, headers, credentials: 'omit', ...(body.length === 0 ? {} : { body: body as Uint8Array<ArrayBuffer> }) } };
  }
}

/** @throws PublishFailure unless the answer is good. */
async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response;
  const said = publishFailureSchema.safeParse(await response.json().catch(() => null));
  const sentence = said.success ? said.data.error : `The server answered with status ${response.status}.`;
  const { status } = response;
  const isPassing = status === 408 || status === 429 || (status >= 500 && status !== 507);
  throw new PublishFailure(isPassing ? 'unreachable' : status === 409 ? 'conflict' : status === 507 ? 'full' : 'refused', status, sentence);
}

/** Entries as bodies within the limit. */
function* bodiesOf(entries: readonly LogEntry[]): Generator<Uint8Array> {
  let batch: LogEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const own = entry.hashes.length + 200;
    if (batch.length > 0 && bytes + own > MAX_ENTRIES_BODY_BYTES) {
      yield encodeLogEntries(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += own;
  }
  if (batch.length > 0) yield encodeLogEntries(batch);
}
