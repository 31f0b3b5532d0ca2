/**
 * What must be true of every run, whatever the policies: no peer above its capacity or its cap, no request unanswered
 * for ever, no byte unaccounted for, nothing left behind. (That no wrong byte is stored or played is checked where it
 * would happen, in sim-store.ts and sim-peer.ts.)
 */
import { unaccountedBytes } from './network.ts';
import type { SimPeer } from './sim-peer.ts';
import type { World } from './world.ts';

/** An answer that takes longer never comes. */
const UNANSWERED_MS = 30_000;
/** Violations of one kind are reported this often. */
const MOST_REPORTS = 10;
/** Messages that may straddle a window, bytes. */
const SLACK_BYTES = 256 * 1024;

export class Auditor {
  readonly #world: World;
  #atMs = 0;
  readonly #before = new Map<SimPeer, { received: number; sent: number; downPerMs: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Looks at the time since the last audit. */
  audit(): void {
    const now = this.#world.clock.nowMs();
    const ms = now - this.#atMs;
    this.#atMs = now;
    for (const peer of this.#world.present) this.#auditCapacity(peer, ms);
    this.#auditRequests();
    const missing = unaccountedBytes(this.#world.network);
    if (missing !== 0) this.#report(`${missing} bytes are neither received, nor under way, nor lost`);
  }

  /** After everybody has left and time has passed. */
  auditEnd(): void {
    for (const peer of this.#world.peers) {
      if (peer.state !== 'left') continue;
      const left = peer.leftovers();
      if (left.length > 0) this.#report(`${peer.id} left behind ${left.join(', ')}`);
    }
    if (this.#world.originServer.active > 0) this.#report(`${this.#world.originServer.active} transfers of the seeder never ended`);
    const missing = unaccountedBytes(this.#world.network);
    if (missing !== 0) this.#report(`${missing} bytes are unaccounted for at the end`);
  }

  #auditCapacity(peer: SimPeer, ms: number): void {
    const { host, traffic } = peer;
    const before = this.#before.get(peer);
    this.#before.set(peer, { received: host.receivedBytes, sent: traffic.sentPayload, downPerMs: host.downBytesPerMs });
    if (!before) return;
    const received = host.receivedBytes - before.received;
    if (received > before.downPerMs * ms + SLACK_BYTES) this.#report(`${peer.id} received ${received} bytes in ${ms} ms, more than its downlink carries`);
    const cap = this.#world.scenario.settings.uploadCapBytesPerSecond ?? 0;
    const sent = traffic.sentPayload - before.sent;
    if (cap > 0 && sent > (cap * ms) / 1000 + SLACK_BYTES) this.#report(`${peer.id} sent ${sent} bytes in ${ms} ms, more than its cap`);
  }

  #auditRequests(): void {
    if (this.#world.ledger) {
      for (const { link, pieces } of this.#world.ledger.overdue(UNANSWERED_MS)) {
        const asked = this.#world.peers.find((peer) => peer.id === link.local);
        if (asked?.behaviour !== 'honest' || asked.clock.isFrozen || asked.state !== 'present') continue;
        this.#report(`${link.local} has not answered ${link.remote} for ${pieces} pieces`);
      }
    }
    if (!this.#world.originServer.isUp) return;
    const before = this.#world.clock.nowMs() - UNANSWERED_MS;
    for (const peer of this.#world.present) {
      const { askedMs } = peer.viewer;
      if (askedMs !== null && askedMs < before && !peer.clock.isFrozen) {
        this.#report(`${peer.id} has waited for a chunk since ${(askedMs / 1000).toFixed(3)} s`);
      }
    }
  }

  #report(what: string): void {
    const { violations, clock } = this.#world;
    if (violations.length < MOST_REPORTS) violations.push(`${(clock.nowMs() / 1000).toFixed(3)} s: ${what}`);
  }
}
