/**
 * The publishing API over HTTP (protocol/publishing.ts): routes, limits, authentication and bodies, in that order, so
 * that what is refused is refused as early and as cheaply as possible. CORS is open, because the key is the permission.
 */
import type { IncomingMessage } from 'node:http';
import type * as z from 'zod/mini';
import type { ChannelId } from '#protocol/ids';
import {
  findPublishOperation, hostPresenceSchema, MAX_CLOCK_SKEW_MS, PUBLISH_HEADERS, PUBLISH_OPERATIONS, publishedDescriptionSchema,
  SERVER_TIME_HEADER, type PublishOperationName, type PublishPlace,
} from '#protocol/publishing';
import { failure, json, NO_BODY, type Reply } from '#server/seeder/reply';
import { TokenBucket } from '#server/sockets/token-bucket';
import { addressKey } from '#server/sockets/address-guard';
import type { PublishedStore } from '#server/store/published-store';
import type { WallClock } from '#server/tracker/ports';
import { readClaim, SignatureCheck } from './authenticate.ts';
import { openApiDocument } from './openapi.ts';
import { BodyReader } from './read-body.ts';
import { PublishError } from './publish-error.ts';
import type { Publishing } from './publishing.ts';
import type { PublishSettings } from './publish-settings.ts';

const BASE = '/api/publish/';
const OPENAPI = '/api/openapi.json';
const NO_STORE = { 'Cache-Control': 'no-store', 'Access-Control-Expose-Headers': `${SERVER_TIME_HEADER}, Retry-After` } as const;

const PREFLIGHT: Reply = {
  status: 204,
  headers: {
    'Access-Control-Allow-Methods': 'GET, PUT, POST, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': `Content-Type, ${Object.values(PUBLISH_HEADERS).join(', ')}`,
    'Access-Control-Max-Age': '86400',
  },
  body: NO_BODY,
};

export interface PublishRepliesNeeds {
  readonly publishing: Publishing;
  readonly clock: WallClock;
  readonly settings: PublishSettings;
  readonly store: PublishedStore;
  viewers(channel: ChannelId): number;
}

export class PublishReplies {
  readonly #needs: PublishRepliesNeeds;
  readonly #signatures = new SignatureCheck();
  /** By channel: the newest request before this start. What it signed is remembered no more, so nothing up to then counts. */
  readonly #before: ReadonlyMap<ChannelId, number>;
  readonly #bodies: BodyReader;
  readonly #rates = new Map<string, TokenBucket>();
  readonly #newChannels = new Map<string, TokenBucket>();

  constructor(needs: PublishRepliesNeeds) {
    this.#needs = needs;
    this.#bodies = new BodyReader(needs.settings);
    needs.store.forgetRequestsBefore(needs.clock.nowMs() - MAX_CLOCK_SKEW_MS);
    this.#before = needs.store.newestRequests();
  }

  /** Undefined for what is none of its business. */
  async answer(request: IncomingMessage): Promise<Reply | undefined> {
    const { url = '', method = '' } = request;
    if (url === OPENAPI && method === 'GET') return json(openApiDocument('Publishing on this server'), 200, { 'Cache-Control': 'public, max-age=60' });
    if (!url.startsWith(BASE)) return undefined;
    if (method === 'OPTIONS') return PREFLIGHT;
    try {
      return await this.#answer(request, method, url);
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      // What is left of a refused body is not read: the connection ends with the answer.
      const isUnread = !request.complete;
      return failure(error.status, error.message, { ...NO_STORE, ...error.headers, ...(isUnread ? { Connection: 'close' } : {}) });
    }
  }

  async #answer(request: IncomingMessage, method: string, path: string): Promise<Reply> {
    const found = findPublishOperation(method, path);
    if (!found) throw new PublishError(404, 'There is nothing here.');
    if ('methods' in found) throw new PublishError(405, 'That cannot be done here.', { Allow: found.methods.join(', ') });
    const { name, place } = found;
    const { clock, publishing } = this.#needs;
    const claim = readClaim(request.headers, place.channel, clock.nowMs());
    if (claim.timeMs <= (this.#before.get(place.channel) ?? 0)) throw new PublishError(401, 'This request was made before the server was started anew; sign it again.', { [SERVER_TIME_HEADER]: String(Math.round(clock.nowMs())) });
    this.#requireRate(place.channel, name, request);
    const limit = name === 'putChunk' ? publishing.expectChunk(place.channel, place.stream, place.index) : PUBLISH_OPERATIONS[name].maxBodyBytes;
    const body = await this.#bodies.read(request, limit);
    this.#signatures.require(claim, { method, path, body }, clock.nowMs());
    // Reading changes nothing: said twice it does no harm.
    if (method !== 'GET') this.#needs.store.rememberRequest(place.channel, claim.timeMs);
    return this.#carryOut(name, place, claim.publicKey, body);
  }

  async #carryOut(name: PublishOperationName, place: Required<PublishPlace>, publicKey: Uint8Array, body: Uint8Array): Promise<Reply> {
    const { publishing } = this.#needs;
    const { channel, stream, index } = place;
    switch (name) {
      case 'describe':
        publishing.describe(channel, publicKey, parseJson(publishedDescriptionSchema, body));
        return json({}, 200, NO_STORE);
      case 'addEntries':
        return json({ next: publishing.addEntries(channel, stream, body) }, 200, NO_STORE);
      case 'putChunk':
        await publishing.putChunk(channel, stream, index, body);
        return json({}, 200, NO_STORE);
      case 'putPicture':
        await publishing.putPicture(channel, place.hash, body);
        return json({}, 200, NO_STORE);
      case 'state':
        return json(publishing.state(channel), 200, NO_STORE);
      case 'presence':
        publishing.setPresence(channel, parseJson(hostPresenceSchema, body));
        return json({ viewers: this.#needs.viewers(channel) }, 200, NO_STORE);
      case 'remove':
        await publishing.remove(channel);
        return json({}, 200, NO_STORE);
    }
  }

  #requireRate(channel: ChannelId, name: PublishOperationName, request: IncomingMessage): void {
    const { clock, settings, publishing } = this.#needs;
    const nowMs = clock.nowMs();
    const isNew = publishing.find(channel) === undefined;
    if (isNew && name !== 'describe') publishing.require(channel);
    const key = addressKey(request.socket.remoteAddress ?? '');
    const bucket = isNew
      ? bucketOf(this.#newChannels, key, () => new TokenBucket(settings.newChannelRatePerAddress, nowMs), nowMs)
      // By address too: who only knows the public key must not use up the host's requests.
      : bucketOf(this.#rates, `${channel}/${key}`, () => new TokenBucket(settings.requestRate, nowMs), nowMs);
    if (!bucket.take(nowMs)) throw new PublishError(429, 'Too many requests in a short time; go on in a second.', { 'Retry-After': '1' });
  }
}

/** Buckets remembered before those without a debt are forgotten. */
const SWEEP_SIZE = 5_000;

function bucketOf(buckets: Map<string, TokenBucket>, key: string, create: () => TokenBucket, nowMs: number): TokenBucket {
  let bucket = buckets.get(key);
  if (!bucket) {
    if (buckets.size >= SWEEP_SIZE) for (const [old, one] of buckets) if (one.isFull(nowMs)) buckets.delete(old);
    buckets.set(key, (bucket = create()));
  }
  return bucket;
}

function parseJson<T>(schema: z.ZodMiniType<T>, body: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new PublishError(422, 'The body is not JSON.');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PublishError(422, `The body does not fit: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`.replace(/\s+/g, ' '));
}
