/**
 * Recently served chunks in memory, the least recently used ones dropped first. A chunk that is being read is read once,
 * however many ask for it: when a live chunk comes out, everybody does.
 */
export class ChunkCache {
  readonly #capacityBytes: number;
  readonly #held = new Map<string, Uint8Array>();
  readonly #reading = new Map<string, Promise<Uint8Array | undefined>>();
  #heldBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The chunk under `key`, from `read` if it is not held. Failures and absences are not remembered. */
  async get(key: string, read: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    const held = this.#held.get(key);
    if (held) {
      // Back in at the young end.
      this.#held.delete(key);
      this.#held.set(key, held);
      return held;
    }
    const running = this.#reading.get(key);
    if (running) return running;
    const reading = read().finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    const bytes = await reading;
    if (bytes) this.#keep(key, bytes);
    return bytes;
  }

  #keep(key: string, bytes: Uint8Array): void {
    this.#held.set(key, bytes);
    this.#heldBytes += bytes.length;
    for (const [oldest, dropped] of this.#held) {
      if (this.#heldBytes <= this.#capacityBytes) return;
      this.#held.delete(oldest);
      this.#heldBytes -= dropped.length;
    }
  }
}
