/** What one network address may do: open sockets at a time, new sockets and joins per second. */
import type { SocketSettings } from './socket-settings.ts';
import { TokenBucket } from './token-bucket.ts';

interface Entry {
  open: number;
  readonly connections: TokenBucket;
  readonly joins: TokenBucket;
}

/** Addresses remembered before those without a socket and without a debt are forgotten. */
const SWEEP_SIZE = 10_000;

/** IPv4 as it is, IPv6 by its /64, which is what one household or one machine gets (RFC 6177). */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(Math.max(0, middle)).fill('0'), ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

export class AddressGuard {
  readonly #settings: SocketSettings;
  readonly #entries = new Map<string, Entry>();

  constructor(settings: SocketSettings) {
    this.#settings = settings;
  }

  mayConnect(address: string, nowMs: number): boolean {
    const entry = this.#entry(address, nowMs);
    return entry.open < this.#settings.maxConnectionsPerAddress && entry.connections.take(nowMs);
  }

  mayJoin(address: string, nowMs: number): boolean {
    return this.#entry(address, nowMs).joins.take(nowMs);
  }

  opened(address: string, nowMs: number): void {
    this.#entry(address, nowMs).open += 1;
  }

  closed(address: string, nowMs: number): void {
    this.#entry(address, nowMs).open -= 1;
  }

  #entry(address: string, nowMs: number): Entry {
    const key = addressKey(address);
    let entry = this.#entries.get(key);
    if (!entry) {
      if (this.#entries.size >= SWEEP_SIZE) this.#sweep(nowMs);
      entry = {
        open: 0,
        connections: new TokenBucket(this.#settings.connectionRatePerAddress, nowMs),
        joins: new TokenBucket(this.#settings.joinRatePerAddress, nowMs),
      };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #sweep(nowMs: number): void {
    for (const [key, entry] of this.#entries) {
      if (entry.open <= 0 && entry.connections.isFull(nowMs) && entry.joins.isFull(nowMs)) this.#entries.delete(key);
    }
  }
}
