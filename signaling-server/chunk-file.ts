/** Chunks from disk to whoever serves them: a chunk whose bytes are not those of its record goes nowhere. */
import { digestChunk } from '#ingest/node/sha256';
import { equalBytes } from '#protocol/merkle';
import type { LogEntry } from '#protocol/record';

/** @throws Error when the bytes do not match the record: the data folder was changed or the disk is failing. */
export function requireIntact(bytes: Uint8Array, entry: LogEntry, where: string): Uint8Array {
  const { record } = entry.signed;
  if (bytes.length === record.bytes && equalBytes(digestChunk(bytes).root, record.root)) return bytes;
  if (/^https?:/.test(where)) throw new Error(`${where} is not what was recorded: its origin has changed it. Give the changed playlist another name, or take the channel off.`);
  throw new Error(`${where} is not what was packaged; delete the folder "packages" in the data folder and start again.`);
}
