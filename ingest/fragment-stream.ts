/**
 * Takes fragmented MP4 apart as it arrives: the media header first, then one movie fragment (moof and mdat) after the
 * other. What a live encoder writes into a pipe has no other frame than its boxes.
 */
import { MAX_CHUNK_BYTES, MAX_INIT_BYTES } from '#protocol/limits';
import { concatenate, viewOf } from './boxes.ts';

export type FragmentPart =
  /** ftyp and moov. */
  | { readonly kind: 'init'; readonly bytes: Uint8Array }
  /** moof and mdat. */
  | { readonly kind: 'fragment'; readonly bytes: Uint8Array };

/** Largest box that is waited for, by type; others (styp, sidx, free, mfra) are small or make no sense. */
const LIMITS: Readonly<Record<string, number>> = { moov: MAX_INIT_BYTES, mdat: MAX_CHUNK_BYTES };
const OTHER_LIMIT = 1024 * 1024;

export class FragmentStream {
  #arrived: Uint8Array[] = [];
  #bytes = 0;
  /** Bytes that must be there before it is worth looking again. */
  #wanted = 8;
  #ftyp: Uint8Array | undefined;
  #moof: Uint8Array | undefined;

  /** What is complete with these bytes, in order. Parts are copies. @throws RangeError where it cannot be MP4. */
  push(bytes: Uint8Array): FragmentPart[] {
    this.#arrived.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes < this.#wanted) return [];
    const all = concatenate(this.#arrived);
    const parts: FragmentPart[] = [];
    let at = 0;
    for (;;) {
      const size = boxSize(all, at);
      if (size === undefined || at + size > all.length) {
        this.#wanted = size ?? 16;
        break;
      }
      const part = this.#take(all.slice(at, at + size));
      if (part) parts.push(part);
      at += size;
    }
    this.#arrived = [all.subarray(at)];
    this.#bytes = all.length - at;
    return parts;
  }

  #take(box: Uint8Array): FragmentPart | undefined {
    switch (typeOf(box, 0)) {
      case 'ftyp':
        this.#ftyp = box;
        return undefined;
      case 'moov':
        return { kind: 'init', bytes: concatenate(this.#ftyp ? [this.#ftyp, box] : [box]) };
      case 'moof':
        this.#moof = box;
        return undefined;
      case 'mdat': {
        const moof = this.#moof;
        this.#moof = undefined;
        return moof && { kind: 'fragment', bytes: concatenate([moof, box]) };
      }
      default:
        return undefined;
    }
  }
}

const typeOf = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at + 4, at + 8));

/** Undefined while the header is not there. */
function boxSize(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length - at < 8) return undefined;
  const view = viewOf(bytes);
  const short = view.getUint32(at);
  if (short === 1 && bytes.length - at < 16) return undefined;
  const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short;
  const type = typeOf(bytes, at);
  if (!/^[ -~]{4}$/.test(type) || size < 8) throw new RangeError('not a box of MP4');
  if (size > (LIMITS[type] ?? OTHER_LIMIT) + 16) throw new RangeError(`a box of ${size} bytes of the type ${type}`);
  return size;
}
