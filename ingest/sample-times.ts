/**
 * Gives packets the times that movie fragments list. Containers tell when a packet is shown; a fragment says when it is
 * decoded, how long it lasts, and how much later it is shown. As mediabunny's own muxer does it, unit for unit: within a
 * group of pictures the times of showing, in order, serve as times of decoding.
 */
import type { EncodedPacket } from 'mediabunny';
import type { TrackHeader } from './fragment.ts';
import type { SamplePlaces } from './sample-places.ts';
import type { FragmentSample, FragmentTrack } from './write-fragments.ts';

/** A packet on its way into a fragment. */
export interface PacketSample extends FragmentSample {
  /** Its bytes; undefined where they are still in the file. */
  readonly data: Uint8Array | undefined;
  /** Where in the file they are; NaN where `data` has them. */
  readonly offset: number;
}

/** Flags of a sample (ISO/IEC 14496-12, section 8.8.3.1): redundant coding or none, and that it depends on others. */
const KEY_FLAGS = 0x0200_0000;
const DELTA_FLAGS = 0x0101_0000;

/**
 * @param packets in decode order, times in seconds from zero on
 * @param places where the bytes of packets are that bring none
 * @throws RangeError where groups of pictures overlap, or a packet's bytes are nowhere.
 */
export function timeSamples(packets: readonly EncodedPacket[], { id, timescale }: TrackHeader, places?: SamplePlaces): FragmentTrack<PacketSample> {
  const decodeS = decodeTimes(packets);
  const units = unitsBetween(decodeS, timescale);
  const samples = packets.map((packet, at): PacketSample => ({
    data: packet.isMetadataOnly ? undefined : packet.data,
    offset: packet.isMetadataOnly ? placeOf(packet, places) : NaN,
    size: packet.byteLength,
    flags: packet.type === 'key' ? KEY_FLAGS : DELTA_FLAGS,
    duration: units[at] ?? Math.round(packet.duration * timescale),
    compositionOffset: Math.round((packet.timestamp - decodeS[at]!) * timescale),
  }));
  return { id, timescale, baseDecodeTime: BigInt(Math.round((decodeS[0] ?? 0) * timescale)), samples };
}

function placeOf(packet: EncodedPacket, places: SamplePlaces | undefined): number {
  // Of an MP4 file the sequence number counts the samples of the track.
  const sample = packet.sequenceNumber;
  if (places?.sizes[sample] === packet.byteLength) return places.offsets[sample]!;
  throw new RangeError(`sample ${sample} is not where the index says`);
}

/** Seconds: within each group of pictures the times of showing in ascending order. */
function decodeTimes(packets: readonly EncodedPacket[]): Float64Array {
  const times = Float64Array.from(packets, ({ timestamp }) => timestamp);
  for (let start = 0; start < packets.length; ) {
    let end = start + 1;
    while (end < packets.length && packets[end]!.type !== 'key') end++;
    times.subarray(start, end).sort();
    start = end;
  }
  return times;
}

/** Units from each time to the next, one fewer than times; what rounding takes from one is given to another. */
function unitsBetween(timesS: Float64Array, timescale: number): number[] {
  const all: number[] = [];
  let last = (timesS[0] ?? 0) * timescale;
  for (let at = 1; at < timesS.length; at++) {
    const units = Math.round(timesS[at]! * timescale - last);
    if (units < 0) throw new RangeError('pictures of one group are shown before those of the group before it');
    last += units;
    all.push(units);
  }
  return all;
}
