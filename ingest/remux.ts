/**
 * A media file as a sequence of chunks, without transcoding: keyframes decide where to cut (cut-policy.ts), the sound
 * that starts before a cut goes with the picture before it. One group of pictures ahead is held in memory, never more.
 */
import { EncodedPacketSink, type EncodedPacket, type InputTrack } from 'mediabunny';
import { MAX_CHUNK_BYTES } from '#protocol/limits';
import { joinsChunk } from './cut-policy.ts';
import type { Allocate } from './gather-samples.ts';
import { IngestError } from './ingest-error.ts';
import type { MediaFile } from './media-file.ts';
import { muxChunk } from './mux-chunk.ts';

export interface RemuxedChunk {
  readonly init: Uint8Array;
  readonly bytes: Uint8Array;
  /** Since the beginning of the file's first picture, microseconds. */
  readonly startUs: number;
  /** Up to the start of the next chunk, for the last one to the end of the last sample. */
  readonly durationUs: number;
  /** Samples of the leading track: pictures, or sound packets where there is no picture. */
  readonly samples: number;
  /** Where in the file's own time the channel begins, seconds. */
  readonly originS: number;
}

export interface RemuxWay {
  /** Room for a chunk's bytes; by default a buffer of its own. */
  readonly allocate?: Allocate | undefined;
  /** Where in the file's own time the channel begins, seconds: for sound that belongs to pictures elsewhere. */
  readonly originS?: number | undefined;
}

/** `loop`: both tracks end together, because what follows is the beginning again and a long gap in one would stall. */
export type RemuxMode = 'once' | 'loop';

/** A difference between the tracks' ends up to this is closed by every player's gap tolerance, seconds. */
const HARMLESS_GAP_S = 0.05;
const US = 1e6;
/** A frame that starts this little before the picture is its own; rounding in containers is finer. */
const ROUNDING_S = 0.0005;

interface Group {
  readonly packets: EncodedPacket[];
  /** Earliest and latest presentation time in the group, seconds in the file's own time. */
  startS: number;
  endS: number;
}

/**
 * Yields chunks in order, from the first on without a gap. @throws IngestError on a chunk that is too large or a file
 * that breaks off.
 */
export async function* remux(file: MediaFile, mode: RemuxMode, way: RemuxWay = {}): AsyncGenerator<RemuxedChunk> {
  const lead = file.video ?? file.audio;
  if (!lead) return;
  const endS = mode === 'loop' ? await commonEnd(file) : Infinity;
  const sound = file.video && file.audio ? soundOf(file.audio.track, file) : undefined;
  let { originS } = way;
  let isFirst = true;
  let collected: Group | undefined;

  const finish = async (group: Group, nextStartS: number | undefined): Promise<RemuxedChunk> => {
    const origin = originS!;
    const audio = sound ? await sound.takeUntil(nextStartS ?? endS, origin) : [];
    const lastEndS = Math.max(group.endS, ...audio.map((packet) => packet.timestamp + packet.duration));
    const moved = group.packets.map((packet) => moveBack(packet, origin));
    const movedAudio = audio.map((packet) => moveBack(packet, origin));
    requireSize(file, [...moved, ...movedAudio].reduce((bytes, packet) => bytes + packet.byteLength, 0));
    const muxed = await muxChunk(file, file.video ? { video: moved, audio: movedAudio } : { video: [], audio: moved }, way.allocate);
    requireSize(file, muxed.bytes.length);
    // Sound may begin a little after the picture: the first chunk begins with the channel all the same.
    const startUs = isFirst ? 0 : Math.round((group.startS - origin) * US);
    isFirst = false;
    const durationUs = Math.round(((nextStartS ?? lastEndS) - origin) * US) - startUs;
    return { ...muxed, startUs, durationUs, samples: group.packets.length, originS: origin };
  };

  try {
    for await (const group of groups(lead.track, file, { fromS: way.originS ?? -Infinity, endS })) {
      originS ??= group.startS;
      if (!collected) collected = group;
      else if (joinsChunk((group.startS - collected.startS) * US, (group.endS - group.startS) * US)) join(collected, group);
      else {
        yield await finish(collected, group.startS);
        collected = group;
      }
    }
    await requireWhole(file, collected?.endS ?? 0, endS);
    if (collected) yield await finish(collected, undefined);
  } finally {
    await sound?.close();
  }
}

function join(collected: Group, group: Group): void {
  for (const packet of group.packets) collected.packets.push(packet);
  collected.endS = Math.max(collected.endS, group.endS);
}

/** Groups of pictures in decode order; leading packets before the first keyframe cannot be decoded and are left out. */
async function* groups(track: InputTrack, file: MediaFile, { fromS, endS }: { fromS: number; endS: number }): AsyncGenerator<Group> {
  let group: Group | undefined;
  for await (const packet of packetsOf(track, file)) {
    if (packet.timestamp < fromS - ROUNDING_S || packet.timestamp >= endS || (packet.type !== 'key' && !group)) continue;
    if (packet.type === 'key') {
      if (group) yield group;
      group = { packets: [], startS: Infinity, endS: -Infinity };
    }
    if (!group) continue;
    group.packets.push(packet);
    group.startS = Math.min(group.startS, packet.timestamp);
    group.endS = Math.max(group.endS, packet.timestamp + packet.duration);
  }
  if (group) yield group;
}

/**
 * In decode order; without their bytes where those are read all at once (gather-samples.ts). There nothing is gained by
 * reading ahead as `packets()` does, and a quarter of the time is lost: it keeps a list of the last second's packets,
 * which are a hundred thousand.
 */
async function* packetsOf(track: InputTrack, { direct }: MediaFile): AsyncGenerator<EncodedPacket, void, undefined> {
  const sink = new EncodedPacketSink(track);
  if (!direct) return yield* sink.packets();
  const options = { metadataOnly: true };
  for (let packet = await sink.getFirstPacket(options); packet; packet = await sink.getNextPacket(packet, options)) yield packet;
}

interface Sound {
  /** Packets that start before `untilS`, from the last one taken on; those before `originS` accompany no picture. */
  takeUntil(untilS: number, originS: number): Promise<EncodedPacket[]>;
  close(): Promise<void>;
}

function soundOf(track: InputTrack, file: MediaFile): Sound {
  const packets = packetsOf(track, file);
  let held: EncodedPacket | undefined;
  return {
    async takeUntil(untilS, originS) {
      const taken: EncodedPacket[] = [];
      for (;;) {
        const packet = held ?? (await packets.next()).value;
        held = undefined;
        if (!packet) return taken;
        if (packet.timestamp >= untilS) {
          held = packet;
          return taken;
        }
        if (packet.timestamp >= originS - ROUNDING_S) taken.push(packet);
      }
    },
    close: async () => {
      await packets.return();
    },
  };
}

const moveBack = (packet: EncodedPacket, originS: number): EncodedPacket =>
  packet.clone({ timestamp: Math.max(0, packet.timestamp - originS) });

/** Where the shorter track ends if the difference would be heard or seen as a gap; otherwise nothing is cut off. */
async function commonEnd(file: MediaFile): Promise<number> {
  if (!file.video || !file.audio) return Infinity;
  const [videoS, audioS] = [await file.video.track.computeDuration(), await file.audio.track.computeDuration()];
  return Math.abs(videoS - audioS) <= HARMLESS_GAP_S ? Infinity : Math.min(videoS, audioS);
}

/** Tail of a file that may be missing without a word, seconds: containers round their durations. */
const ROUNDED_END_S = 0.5;

/** A file whose index promises more than there is was cut short, and its packets just end. @throws IngestError then. */
async function requireWhole(file: MediaFile, foundS: number, endS: number): Promise<void> {
  const promisedS = Math.min(endS, await (file.video ?? file.audio)!.track.computeDuration());
  if (foundS >= promisedS - ROUNDED_END_S) return;
  throw new IngestError('damaged', `${file.name} is cut short: it breaks off after ${foundS.toFixed(0)} of ${promisedS.toFixed(0)} seconds.`);
}

function requireSize(file: MediaFile, bytes: number): void {
  if (bytes <= MAX_CHUNK_BYTES) return;
  const megabytes = (MAX_CHUNK_BYTES / 1024 / 1024).toFixed(0);
  throw new IngestError('chunkTooLarge', `${file.name} has more than ${megabytes} MiB between two keyframes; encode it with a keyframe every 2 seconds.`);
}
