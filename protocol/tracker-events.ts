/**
 * The wire to the tracker: socket.io events and their validators (websocket transport only). Both sides validate what
 * arrives; an event that fails is dropped, and counted against its sender by the tracker (SPEC T-1).
 */
import * as z from 'zod/mini';
import { isHosted, type Hosted } from './hosted.ts';
import { isIdText, type ChannelId, type PeerId } from './ids.ts';
import { MAX_ICE_URL_CHARS, MAX_INTRODUCTIONS, MAX_LOG_ENTRY_BYTES, MAX_SIGNAL_CHARS, MAX_STREAMS, MAX_TICKET_BYTES } from './limits.ts';

const channel = z.custom<ChannelId>((value) => typeof value === 'string' && isIdText(value));
const peer = z.custom<PeerId>((value) => typeof value === 'string' && isIdText(value));
/** Base64 of the bytes that travel in `hello` and `peers`. */
const ticket = z.string().check(z.maxLength(Math.ceil(MAX_TICKET_BYTES / 3) * 4), z.regex(/^[A-Za-z0-9+/]*={0,2}$/));
const count = z.int().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
const mediaMs = z.number().check(z.gte(0), z.lte(1e13));

/** UTC+14 is the largest in use. */
const LARGEST_UTC_OFFSET_MINUTES = 14 * 60;

/** What a peer says of itself: enough to choose good introductions, nothing that names a person. */
export const positionSchema = z.strictObject({
  /** Media time now played, ms; -1 without a playhead. */
  mediaMs: z.number().check(z.gte(-1), z.lte(1e13)),
  /** Whether the peer serves pieces. */
  uploads: z.boolean(),
  /** Links it has now, and would take. */
  links: z.int().check(z.gte(0), z.lte(1000)),
  maxLinks: z.int().check(z.gte(0), z.lte(1000)),
  /** Its clock's distance from UTC, minutes: whoever shares it is mostly on the same continent. Only where near peers are wanted. */
  utcOffsetMinutes: z.optional(z.int().check(z.gte(-LARGEST_UTC_OFFSET_MINUTES), z.lte(LARGEST_UTC_OFFSET_MINUTES))),
});

export const joinSchema = z.strictObject({
  channel,
  peer,
  /** From an earlier join: lets a peer take its id back while its old socket still looks alive. */
  ticket: z.optional(ticket),
  position: positionSchema,
});

export const candidateSchema = z.strictObject({
  peer,
  ticket,
  mediaMs: z.number().check(z.gte(-1), z.lte(1e13)),
  uploads: z.boolean(),
  /** Whether it is on the asker's side of the world, where the asker said where it is. */
  isNear: z.optional(z.boolean()),
});

/** A log entry (record.ts) in bytes: the newest chunk of a live channel. */
const entryBytes = z.custom<Uint8Array | ArrayBuffer>(
  (value) => (value instanceof Uint8Array || value instanceof ArrayBuffer) && value.byteLength <= MAX_LOG_ENTRY_BYTES,
);
const hosted = z.custom<Hosted>(isHosted);
const iceUrl = z.string().check(z.maxLength(MAX_ICE_URL_CHARS));

export const joinReplySchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    candidates: z.array(candidateSchema).check(z.maxLength(MAX_INTRODUCTIONS)),
    /** Members of the swarm, this peer included. */
    swarmSize: count,
    iceServers: z.array(z.looseObject({ urls: z.union([iceUrl, z.array(iceUrl).check(z.maxLength(8))]) })).check(z.maxLength(8)),
    ticket,
    /** Newest chunk of each live stream. */
    heads: z.array(entryBytes).check(z.maxLength(MAX_STREAMS)),
    /** The tracker's clock, ms since 1970: what live lag is measured against. */
    trackerMs: z.number().check(z.gte(0), z.lte(1e13)),
    /** Only where the channel's host is not the server. */
    hosted: z.optional(hosted),
  }),
  z.strictObject({ ok: z.literal(false), reason: z.enum(['unknownChannel', 'idTaken', 'full', 'invalid', 'tooFast']) }),
]);

export const signalSchema = z.strictObject({ channel, to: peer, signal: z.string().check(z.maxLength(MAX_SIGNAL_CHARS)) });
export const forwardedSignalSchema = z.strictObject({ channel, from: peer, signal: z.string().check(z.maxLength(MAX_SIGNAL_CHARS)) });
export const moreCandidatesSchema = z.strictObject({ channel, position: positionSchema, known: z.array(peer).check(z.maxLength(MAX_INTRODUCTIONS * 4)) });
export const moreCandidatesReplySchema = z.strictObject({ candidates: z.array(candidateSchema).check(z.maxLength(MAX_INTRODUCTIONS)), swarmSize: count });
export const headSchema = z.strictObject({ channel, entry: entryBytes, swarmSize: count });
export const presenceSchema = z.strictObject({ channel, hosted });
export const leaveSchema = z.strictObject({ channel });

/** A viewer's figures since its join, cumulative, sent every 10 s and on leaving. */
export const reportSchema = z.strictObject({
  channel,
  bytesFromPeers: count,
  bytesFromSeeder: count,
  bytesToPeers: count,
  controlBytes: count,
  stalls: count,
  stalledMs: mediaMs,
  startupMs: mediaMs,
  watchedMs: mediaMs,
  links: z.int().check(z.gte(0), z.lte(1000)),
});

export type Position = z.infer<typeof positionSchema>;
export type Join = z.infer<typeof joinSchema>;
export type JoinReply = z.infer<typeof joinReplySchema>;
export type Candidate = z.infer<typeof candidateSchema>;
export type Signal = z.infer<typeof signalSchema>;
export type ForwardedSignal = z.infer<typeof forwardedSignalSchema>;
export type MoreCandidates = z.infer<typeof moreCandidatesSchema>;
export type MoreCandidatesReply = z.infer<typeof moreCandidatesReplySchema>;
export type Head = z.infer<typeof headSchema>;
export type Presence = z.infer<typeof presenceSchema>;
export type Leave = z.infer<typeof leaveSchema>;
export type Report = z.infer<typeof reportSchema>;

/** Typing for socket.io, client to tracker. Every event with an answer is acknowledged. */
export interface TrackerEvents {
  join(join: Join, reply: (reply: JoinReply) => void): void;
  candidates(ask: MoreCandidates, reply: (reply: MoreCandidatesReply) => void): void;
  signal(signal: Signal): void;
  report(report: Report): void;
  leave(leave: Leave): void;
}

/** Typing for socket.io, tracker to client. */
export interface MemberEvents {
  signal(signal: ForwardedSignal): void;
  head(head: Head): void;
  presence(presence: Presence): void;
}
