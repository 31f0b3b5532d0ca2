/** Chance from the host's cryptographic source: ids drawn from it directly, the engine's Random seeded with it. */
import type { Random } from '#engine/ports';
import { ID_BYTES, idToText, parsePeerId, type PeerId } from '#protocol/ids';
import { SeededRandom } from '#protocol/seeded-random';

/** A generator that no one can predict, unless `seed` is given to repeat an earlier run. */
export function createRandom(seed: string = randomText(16)): Random {
  return new SeededRandom(seed);
}

/** A new peer id: 20 random bytes. */
export function createPeerId(): PeerId {
  return parsePeerId(idToText(crypto.getRandomValues(new Uint8Array(ID_BYTES))));
}

/** `bytes` random bytes as hexadecimal text. */
export function randomText(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
