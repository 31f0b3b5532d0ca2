/**
 * Where a piece comes from that no viewer is to bring: the server, or the host's own peer where the host is one. The
 * policies say only "the origin"; that each piece leaves it about once is theirs to see to, whoever it is (SPEC U-7).
 */
import { PIECE_BYTES } from '#protocol/limits';
import type { Neighbour } from './neighbour.ts';
import type { OriginFetcher } from './origin-fetcher.ts';
import type { PendingChunk } from './pending-chunk.ts';
import { toRuns } from './piece-run.ts';
import type { Requester } from './requester.ts';
import type { Swarm } from './swarm.ts';

/** How much longer than expected a host's link may well take: it serves many, and its deviation is not measured. */
const HOST_BOUND = 4;

export interface OriginRouteOptions {
  readonly requester: Pick<Requester, 'room' | 'ask'>;
  readonly fetcher: Pick<OriginFetcher, 'expectedMs' | 'boundMs' | 'mayFetch' | 'busyChunks' | 'fetch'>;
  readonly swarm: Pick<Swarm, 'host' | 'isHostAlone'>;
}

export class OriginRoute {
  readonly #options: OriginRouteOptions;

  constructor(options: OriginRouteOptions) {
    this.#options = options;
  }

  /** Milliseconds until that many more bytes would be here, by the quicker way. */
  expectedMs(bytes: number): number {
    const { fetcher, swarm } = this.#options;
    const byHost = swarm.host?.expectedMs(bytes) ?? Infinity;
    return swarm.isHostAlone ? byHost : Math.min(byHost, fetcher.expectedMs(bytes));
  }

  /** Milliseconds until that many more bytes are here by the quicker way, but for rare ones. */
  boundMs(bytes: number): number {
    const { fetcher, swarm } = this.#options;
    const byHost = HOST_BOUND * (swarm.host?.expectedMs(bytes) ?? Infinity);
    return swarm.isHostAlone ? byHost : Math.min(byHost, fetcher.boundMs(bytes));
  }

  /** Whether it is busy with other chunks and not with this one. */
  isBusyElsewhere(chunk: PendingChunk): boolean {
    const { fetcher, swarm } = this.#options;
    if (chunk.atOrigin.count > 0) return false;
    let isElsewhere = fetcher.busyChunks > 0;
    for (const request of swarm.host?.requests.values() ?? []) {
      if (request.chunk === chunk.index && request.stream === chunk.stream) return false;
      if (!request.isOverdue) isElsewhere = true;
    }
    return isElsewhere;
  }

  /** Asks for ascending `pieces` of a chunk. @returns whether all of them are on their way now. */
  fetch(chunk: PendingChunk, pieces: readonly number[], slackMs: number, rescueMs: number): boolean {
    const { fetcher, swarm } = this.#options;
    const { host } = swarm;
    const left = host ? this.#askHost(host, chunk, pieces, slackMs, rescueMs) : pieces;
    if (swarm.isHostAlone) return left.length === 0;
    for (const run of toRuns(chunk.stream, chunk.index, [...left], chunk.pieces)) {
      if (!fetcher.mayFetch(chunk)) return false;
      fetcher.fetch(chunk, run.first, run.count);
    }
    return true;
  }

  /** @returns those it was not asked for. */
  #askHost(host: Neighbour, chunk: PendingChunk, pieces: readonly number[], slackMs: number, rescueMs: number): readonly number[] {
    const { requester, swarm } = this.#options;
    let room = requester.room(host);
    const asked: number[] = [];
    const left: number[] = [];
    for (const piece of pieces) {
      const isThere = host.streams.get(chunk.stream)?.holdsPiece(chunk.index, piece) ?? false;
      const isInTime = swarm.isHostAlone || host.expectedMs((asked.length + 1) * PIECE_BYTES) <= Math.max(slackMs, rescueMs);
      if (room > 0 && isThere && isInTime) {
        asked.push(piece);
        room--;
      } else left.push(piece);
    }
    if (asked.length > 0) requester.ask(host, chunk, asked, slackMs, rescueMs);
    return left;
  }
}
