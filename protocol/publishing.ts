/**
 * The wire between a host and the server it publishes on: paths, headers, bodies and what is signed. One table of
 * operations gives the server its routes, the client its requests and /api/openapi.json its text (SPEC U-1).
 */
import * as z from 'zod/mini';
import type { SignedDescription } from './description.ts';
import { FLOORS, HOST_STATES } from './hosted.ts';
import type { ChannelId, PeerId } from './ids.ts';
import { MAX_CHUNK_BYTES, MAX_DESCRIPTION_CHARS, MAX_PICTURE_BYTES, MAX_STREAMS } from './limits.ts';
import { utf8 } from './utf8.ts';

/** Headers of every request, lower case. Key and signature in base64, time in milliseconds since 1970. */
export const PUBLISH_HEADERS = { key: 'x-tributary-key', time: 'x-tributary-time', signature: 'x-tributary-signature' } as const;

/** The server's clock, in every answer that turns a request's time down, ms since 1970. */
export const SERVER_TIME_HEADER = 'x-tributary-server-time';

/** How far a request's time may be from the server's: also how long each signature is remembered. */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** A host says that it is there this often; three lost in a row make it away. */
export const PRESENCE_BEAT_MS = 3_000;
export const PRESENCE_SILENCE_MS = 10_000;

/** Bytes of log entries in one request: hours of a film, and a buffer nobody minds. */
export const MAX_ENTRIES_BODY_BYTES = 4 * 1024 * 1024;

const MAX_JSON_BYTES = 4 * 1024;
/** A description's text is escaped once more inside the request's JSON. */
const MAX_DESCRIPTION_BODY_BYTES = 2 * MAX_DESCRIPTION_CHARS;

/** SPEC W-6. Said as patterns here, because they are also read as JSON Schema. */
const idText = z.string().check(z.regex(/^[a-z2-7]{32}$/));
const signedDescription = z.strictObject({
  channel: idText as unknown as z.ZodMiniType<ChannelId>,
  description: z.string().check(z.maxLength(MAX_DESCRIPTION_CHARS)),
  signature: z.string().check(z.regex(/^[A-Za-z0-9+/]{86}==$/)),
}) satisfies z.ZodMiniType<SignedDescription>;

export const publishedDescriptionSchema = z.strictObject({
  signed: signedDescription,
  floor: z.enum(FLOORS),
  /** Whether the channel stands in the public list; its link works either way. */
  isListed: z.boolean(),
});
export type PublishedDescription = z.infer<typeof publishedDescriptionSchema>;

const peer = idText as unknown as z.ZodMiniType<PeerId>;
export const hostPresenceSchema = z.strictObject({ state: z.enum(HOST_STATES), peer: z.nullable(peer) });

const count = z.int().check(z.gte(0), z.lte(0xffff_ffff));
/** `next`: index of the entry that is expected next. */
export const entriesReplySchema = z.strictObject({ next: count });
const streamStateSchema = z.strictObject({
  stream: z.int().check(z.gte(0), z.lte(255)),
  nextEntry: count,
  missing: z.array(z.tuple([count, count])).check(z.maxLength(100_000)),
});
/** `missing`: chunks that have an entry and no bytes yet, as runs of first index and length. */
export const publishStateSchema = z.strictObject({
  streams: z.array(streamStateSchema).check(z.maxLength(MAX_STREAMS)),
});
export type PublishState = z.infer<typeof publishStateSchema>;
export const presenceReplySchema = z.strictObject({ viewers: count });
export const publishFailureSchema = z.looseObject({ error: z.string() });

type Body = 'none' | 'json' | 'binary';

export interface PublishOperation {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below the server's root; `:channel`, `:stream`, `:index` and `:hash` stand for their values. */
  readonly path: string;
  readonly body: Body;
  readonly maxBodyBytes: number;
  readonly request: z.ZodMiniType | null;
  readonly reply: z.ZodMiniType | null;
  readonly summary: string;
}

const define = <T extends Record<string, PublishOperation>>(table: T): T => table;
const BASE = '/api/publish/:channel';

export const PUBLISH_OPERATIONS = define({
  describe: {
    method: 'PUT', path: `${BASE}/description`, body: 'json', maxBodyBytes: MAX_DESCRIPTION_BODY_BYTES,
    request: publishedDescriptionSchema, reply: null,
    summary: 'Puts a channel on the server, or changes what it says of itself.',
  },
  addEntries: {
    method: 'POST', path: `${BASE}/:stream/entries`, body: 'binary', maxBodyBytes: MAX_ENTRIES_BODY_BYTES,
    request: null, reply: entriesReplySchema,
    summary: 'Appends log entries to a stream, in order. Those that are known already are passed over.',
  },
  putChunk: {
    method: 'PUT', path: `${BASE}/:stream/:index`, body: 'binary', maxBodyBytes: MAX_CHUNK_BYTES,
    request: null, reply: null,
    summary: 'Uploads the bytes of a chunk whose log entry is there. They are checked against it piece by piece.',
  },
  putPicture: {
    method: 'PUT', path: `${BASE}/picture/:hash`, body: 'binary', maxBodyBytes: MAX_PICTURE_BYTES,
    request: null, reply: null,
    summary: 'Uploads a picture that the description names by its SHA-256.',
  },
  state: {
    method: 'GET', path: `${BASE}/state`, body: 'none', maxBodyBytes: 0,
    request: null, reply: publishStateSchema,
    summary: 'What the server has and lacks: how an interrupted upload goes on.',
  },
  presence: {
    method: 'POST', path: `${BASE}/presence`, body: 'json', maxBodyBytes: MAX_JSON_BYTES,
    request: hostPresenceSchema, reply: presenceReplySchema,
    summary: 'Says that the host is there, away or done, and which peer is its own.',
  },
  remove: {
    method: 'DELETE', path: BASE, body: 'none', maxBodyBytes: 0,
    request: null, reply: null,
    summary: 'Takes the channel off the server, with everything that was stored of it.',
  },
});

export type PublishOperationName = keyof typeof PUBLISH_OPERATIONS;

export interface PublishPlace {
  readonly channel: ChannelId;
  readonly stream?: number;
  readonly index?: number;
  readonly hash?: string;
}

/** The path of an operation, from the server's root on. */
export function publishPath(name: PublishOperationName, { channel, stream = 0, index = 0, hash = '' }: PublishPlace): string {
  return PUBLISH_OPERATIONS[name].path.replace(':channel', channel).replace(':stream', String(stream)).replace(':index', String(index)).replace(':hash', hash);
}

const PATTERNS = Object.entries(PUBLISH_OPERATIONS).map(([name, { method, path }]) => ({
  name: name as PublishOperationName,
  method,
  pattern: new RegExp(`^${path.replace(':channel', '(?<channel>[a-z2-7]{32})').replace(':stream', '(?<stream>\\d{1,3})').replace(':index', '(?<index>\\d{1,10})').replace(':hash', '(?<hash>[0-9a-f]{64})')}$`),
}));

/** What a request asks for; `methods` where only the method does not fit, undefined where there is no such path. */
export function findPublishOperation(method: string, path: string):
  | { readonly name: PublishOperationName; readonly place: Required<PublishPlace> }
  | { readonly methods: readonly string[] }
  | undefined {
  const fitting = PATTERNS.flatMap((one) => {
    const groups = one.pattern.exec(path)?.groups;
    return groups ? [{ ...one, groups }] : [];
  });
  const found = fitting.find((one) => one.method === method);
  if (!found) return fitting.length === 0 ? undefined : { methods: fitting.map((one) => one.method) };
  const { channel = '', stream = '0', index = '0', hash = '' } = found.groups;
  return { name: found.name, place: { channel: channel as ChannelId, stream: Number(stream), index: Number(index), hash } };
}

/** What the channel key signs for each request (SPEC U-2). `bodyHash`: SHA-256 of the body, lower-case hex. */
export const publishSigningBytes = (request: { readonly method: string; readonly path: string; readonly timeMs: number; readonly bodyHash: string }): Uint8Array =>
  utf8(`tributary publish 1\n${request.method}\n${request.path}\n${request.timeMs}\n${request.bodyHash}`);
