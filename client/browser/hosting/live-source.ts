/**
 * What a live broadcast of a page is encoded by: WebCodecs where the browser has it, its recorder where it has not.
 * Either gives the same: a media header, then fragments that each begin with a keyframe.
 */
import { LiveEncoder } from './live-encoder.ts';
import type { Picture } from './live-picture.ts';
import { LiveRecorder, recordingType } from './live-recorder.ts';

export interface EncodedFacts {
  /** ftyp and moov. */
  readonly init: Uint8Array;
  /** RFC 6381. */
  readonly codecs: string;
  readonly kind: 'muxed' | 'video';
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly bitsPerSecond: number;
  /** When the capture's time 0 was, ms since 1970 by this page's clock. */
  readonly onAirMs: number;
}

export interface LiveSourceParts {
  readonly stream: MediaStream;
  /** A second picture, shown in a corner of the first. */
  readonly inset: MediaStream | null;
  /** Size and rate at most. */
  readonly picture: Picture;
  /** Time from keyframe to keyframe, ms. */
  readonly chunkMs: number;
  readonly wallClockMs: () => number;
  /** Once, before the first fragment. */
  readonly onFacts: (facts: EncodedFacts) => void;
  /** A moof and its mdat. */
  readonly onFragment: (fragment: Uint8Array) => void;
  /** With each fragment: pictures that were encoded of those that there were, 0..1. */
  readonly onReached: (ratio: number) => void;
  /** Encoding broke off; nothing more comes. */
  readonly onFailed: (sentence: string) => void;
}

export interface LiveSource {
  /** Ends encoding; what is not a whole fragment is lost. The streams are their owner's to release. Idempotent. */
  close(): void;
}

const hasEncoder = (): boolean => 'VideoEncoder' in globalThis;

/** What this browser cannot do of a live broadcast, in a sentence; null where it can. @param isInset whether two pictures are wanted */
export function missingForLive(isInset: boolean): string | null {
  if (hasEncoder()) return null;
  if (recordingType() === null) return 'This browser can neither encode nor record video in a form that viewers can play. Try a current Chrome, Edge, Firefox or Safari; a film can be hosted all the same.';
  return isInset ? 'This browser has no WebCodecs, which putting two pictures into one needs. Show the camera or the screen alone, or try a current Chrome, Edge or Firefox.' : null;
}

export const openLiveSource = (parts: LiveSourceParts): LiveSource => (hasEncoder() ? new LiveEncoder(parts) : new LiveRecorder(parts));
