/** What SQLite hands out for bytes, and how to take it. */

/** libsql hands out a Buffer for one row and an ArrayBuffer for several. */
export type Blob = Uint8Array | ArrayBuffer;

/** A copy with a buffer of its own: what SQLite hands out may be a view of a pool. */
export const bytesOf = (blob: Blob): Uint8Array => new Uint8Array(blob).slice();
