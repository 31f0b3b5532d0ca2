/**
 * What two dialers say to each other before there is a link: JSON text {session, data}. The session is made by the side
 * that dials and tells signals of a given-up attempt from those of the current one. Whatever does not fit is no signal.
 */
import * as z from 'zod/mini';
import { MAX_SIGNAL_CHARS } from '#protocol/limits';

/** More than any browser gathers for one data channel; bounds what a remote can make us try. */
const MAX_CANDIDATES = 32;

const candidateSchema = z.object({
  candidate: z.string().check(z.maxLength(1024)),
  sdpMLineIndex: z.nullable(z.int().check(z.gte(0), z.lte(64))),
  sdpMid: z.nullable(z.string().check(z.maxLength(64))),
});

const signalSchema = z.strictObject({
  session: z.string().check(z.regex(/^[0-9a-f]{8,32}$/)),
  data: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('offer'), sdp: z.string() }),
    z.strictObject({ type: z.literal('answer'), sdp: z.string() }),
    z.strictObject({ type: z.literal('candidates'), candidates: z.array(candidateSchema).check(z.maxLength(MAX_CANDIDATES)) }),
    /** The dial is not welcome: the dialling side need not wait for its time-out. */
    z.strictObject({ type: z.literal('refused') }),
  ]),
});

export type PeerSignal = z.infer<typeof signalSchema>;
export type IceCandidate = z.infer<typeof candidateSchema>;

/** Text of at most MAX_SIGNAL_CHARS, or undefined when the signal is longer than that. */
export function encodePeerSignal(signal: PeerSignal): string | undefined {
  const text = JSON.stringify(signal);
  return text.length <= MAX_SIGNAL_CHARS ? text : undefined;
}

/** The signal, or undefined for anything else. Never throws. */
export function decodePeerSignal(text: string): PeerSignal | undefined {
  if (text.length > MAX_SIGNAL_CHARS) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // Not JSON, so not a signal: ordinary bad input from a peer.
  }
  const parsed = signalSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
