/**
 * A media file as a plan of chunks: where each begins and how long it is, read from the file's tables without its media.
 * A page can thus say what a film consists of before it has packaged any of it, and make any chunk again on demand
 * instead of holding them all. The same cuts, and the same bytes, as ingest/remux.ts makes in one go.
 */
import { EncodedPacketSink, type EncodedPacket } from 'mediabunny';
import { joinsChunk } from '#ingest/cut-policy';
import { IngestError } from '#ingest/ingest-error';
import type { MediaFile } from '#ingest/media-file';
import { muxChunk } from '#ingest/mux-chunk';
import { bitrates, targetDuration } from '#ingest/packaged-stream';
import { bytesToBase64 } from '#protocol/base64';
import type { StreamDescription } from '#protocol/description';
import { MAX_CHUNK_BYTES, MAX_INIT_BYTES, MAX_LOG_CHUNKS } from '#protocol/limits';

/** A chunk to be made. Seconds are the file's own. */
interface PlannedChunk {
  /** Timestamp of the packet it begins with, in decode order, and of its earliest sample. */
  readonly keyS: number;
  readonly startS: number;
  readonly startUs: number;
  readonly durationUs: number;
}

export interface FilePlan {
  readonly stream: StreamDescription;
  readonly chunks: readonly PlannedChunk[];
}

interface Group {
  readonly keyS: number;
  startS: number;
  endS: number;
  bytes: number;
  samples: number;
}

/** A frame that starts this little before the picture is its own; rounding in containers is finer. */
const ROUNDING_S = 0.0005;
/** Tail of a file that may be missing without a word, seconds: containers round their durations. */
const ROUNDED_END_S = 0.5;
const US = 1e6;

/** @throws IngestError when the file cannot be hosted. */
export async function planFile(file: MediaFile): Promise<FilePlan> {
  const lead = file.video ?? file.audio;
  if (!lead) throw new IngestError('notMedia', `${file.name} holds neither video nor sound.`);
  const groups = await groupsOf(lead.track);
  const [first] = groups;
  if (!first) throw new IngestError('damaged', `${file.name} holds nothing that can be played.`);
  await requireWhole(file, groups.at(-1)!.endS);
  const parts = joined(groups);
  if (parts.length > MAX_LOG_CHUNKS) throw new IngestError('chunkTooLarge', `${file.name} is longer than 48 hours; host it in parts.`);
  const soundBytes = file.video && file.audio ? await bytesBetween(file.audio.track, parts.map(({ startS }) => startS)) : parts.map(() => 0);
  const endS = Math.max(parts.at(-1)!.endS, file.video && file.audio ? await file.audio.track.computeDuration() : 0);
  const startUs = (part: Group): number => Math.round((part.startS - first.startS) * US);
  const chunks = parts.map((part, at) => {
    const next = parts[at + 1];
    const endUs = next ? startUs(next) : Math.round((endS - first.startS) * US);
    return { keyS: part.keyS, startS: part.startS, startUs: startUs(part), durationUs: Math.max(1, endUs - startUs(part)) };
  });
  const sized = chunks.map((chunk, at) => ({ ...chunk, bytes: parts[at]!.bytes + soundBytes[at]!, root: NO_BYTES, hashes: NO_BYTES }));
  if (sized.some(({ bytes }) => bytes > MAX_CHUNK_BYTES)) throw tooLarge(file);
  const samples = parts.reduce((sum, part) => sum + part.samples, 0);
  const plan = { chunks, stream: { ...facts(file, samples, sized), durationsUs: chunks.map(({ durationUs }) => durationUs) } };
  const { init } = await muxPlanned(file, plan, 0);
  if (init.length > MAX_INIT_BYTES) throw new IngestError('damaged', `${file.name} holds nothing that can be played.`);
  return { ...plan, stream: { ...plan.stream, init: bytesToBase64(init) } };
}

/** The bytes of one chunk; the same whenever it is made. @throws IngestError on a chunk that is too large. */
export async function makeChunk(file: MediaFile, plan: FilePlan, index: number): Promise<Uint8Array> {
  const { bytes } = await muxPlanned(file, plan, index);
  if (bytes.length > MAX_CHUNK_BYTES) throw tooLarge(file);
  return bytes;
}

const NO_BYTES = new Uint8Array(0);

function tooLarge(file: MediaFile): IngestError {
  return new IngestError('chunkTooLarge', `${file.name} has more than ${MAX_CHUNK_BYTES / 2 ** 20} MiB between two keyframes; encode it with a keyframe every 2 seconds.`);
}

type Track = ConstructorParameters<typeof EncodedPacketSink>[0];

/** Groups of pictures by their tables alone. */
async function groupsOf(track: Track): Promise<Group[]> {
  const groups: Group[] = [];
  for await (const packet of new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true })) {
    if (packet.type === 'key') groups.push({ keyS: packet.timestamp, startS: Infinity, endS: -Infinity, bytes: 0, samples: 0 });
    const group = groups.at(-1);
    if (!group) continue;
    group.startS = Math.min(group.startS, packet.timestamp);
    group.endS = Math.max(group.endS, packet.timestamp + packet.duration);
    group.bytes += packet.byteLength;
    group.samples++;
  }
  return groups;
}

function joined(groups: readonly Group[]): Group[] {
  const parts: Group[] = [];
  for (const group of groups) {
    const last = parts.at(-1);
    if (last && joinsChunk((group.startS - last.startS) * US, (group.endS - group.startS) * US)) {
      last.endS = Math.max(last.endS, group.endS);
      last.bytes += group.bytes;
      last.samples += group.samples;
    } else parts.push({ ...group });
  }
  return parts;
}

/** Bytes of packets from each start to the next. */
async function bytesBetween(track: Track, starts: readonly number[]): Promise<number[]> {
  const bytes = starts.map(() => 0);
  let at = 0;
  for await (const packet of new EncodedPacketSink(track).packets(undefined, undefined, { metadataOnly: true })) {
    while (at + 1 < starts.length && packet.timestamp >= starts[at + 1]!) at++;
    bytes[at]! += packet.byteLength;
  }
  return bytes;
}

function facts(file: MediaFile, samples: number, chunks: readonly { startUs: number; durationUs: number; bytes: number; root: Uint8Array; hashes: Uint8Array }[]): Omit<StreamDescription, 'durationsUs'> {
  const last = chunks.at(-1)!;
  return {
    id: 0,
    kind: file.video && file.audio ? 'muxed' : file.video ? 'video' : 'audio',
    codecs: [file.video?.codecString, file.audio?.codecString].filter((codec) => codec !== undefined).join(','),
    ...bitrates(chunks),
    width: file.video?.width ?? 0,
    height: file.video?.height ?? 0,
    frameRate: file.video ? Math.round((samples * 1e9) / (last.startUs + last.durationUs)) / 1000 : 0,
    language: file.audio?.language ?? '',
    name: '',
    init: '',
    extension: 'm4s',
    isProgressive: true,
    targetDurationSeconds: targetDuration(file.name, chunks),
  };
}

/** A file whose index promises more than there is was cut short, and its packets just end. @throws IngestError then. */
async function requireWhole(file: MediaFile, foundS: number): Promise<void> {
  const promisedS = await (file.video ?? file.audio)!.track.computeDuration();
  if (foundS >= promisedS - ROUNDED_END_S) return;
  throw new IngestError('damaged', `${file.name} is cut short: it breaks off after ${foundS.toFixed(0)} of ${promisedS.toFixed(0)} seconds.`);
}

async function muxPlanned(file: MediaFile, { chunks }: Pick<FilePlan, 'chunks'>, index: number): Promise<{ init: Uint8Array; bytes: Uint8Array }> {
  const chunk = chunks[index];
  if (!chunk) throw new RangeError(`no chunk ${index}`);
  const originS = chunks[0]!.startS;
  const next = chunks[index + 1];
  const moved = (packets: readonly EncodedPacket[]): EncodedPacket[] => packets.map((packet) => packet.clone({ timestamp: Math.max(0, packet.timestamp - originS) }));
  const lead = await leadPackets((file.video ?? file.audio)!.track, chunk.keyS, next?.keyS);
  if (!file.video) return muxChunk(file, { video: [], audio: moved(lead) });
  const fromS = index === 0 ? originS - ROUNDING_S : chunk.startS;
  const sound = file.audio ? await packetsBetween(file.audio.track, fromS, next?.startS ?? Infinity) : [];
  return muxChunk(file, { video: moved(lead), audio: moved(sound) });
}

/** Packets in decode order from one keyframe up to another. */
async function leadPackets(track: Track, keyS: number, untilKeyS: number | undefined): Promise<EncodedPacket[]> {
  const sink = new EncodedPacketSink(track);
  const first = await sink.getKeyPacket(keyS);
  if (!first) return [];
  const packets: EncodedPacket[] = [];
  for await (const packet of sink.packets(first)) {
    if (packet.type === 'key' && packet.timestamp === untilKeyS) break;
    packets.push(packet);
  }
  return packets;
}

/** Packets that start from `fromS` on and before `untilS`. */
async function packetsBetween(track: Track, fromS: number, untilS: number): Promise<EncodedPacket[]> {
  const sink = new EncodedPacketSink(track);
  const start = (await sink.getPacket(fromS)) ?? undefined;
  const packets: EncodedPacket[] = [];
  for await (const packet of sink.packets(start)) {
    if (packet.timestamp >= untilS) break;
    if (packet.timestamp >= fromS) packets.push(packet);
  }
  return packets;
}
