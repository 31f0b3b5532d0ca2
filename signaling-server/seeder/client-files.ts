/**
 * The built client in memory, with its compressed forms. Files are found by looking a path up in the list of what was
 * read at the start, never by going to the disk with it. A new build is noticed when a page is asked for.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, posix, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { namesTag } from './byte-range.ts';
import { NO_BODY, type Reply } from './reply.ts';
import type { IncomingHttpHeaders } from 'node:http';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.map', '.svg', '.webmanifest', '.txt']);
/** Built file names carry a hash of their content below this path: they can be kept for ever. */
const HASHED = '/assets/';

interface ClientFile {
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly tag: string;
  /** Compressed forms, made when first asked for. */
  readonly encoded: Map<'br' | 'gzip', Uint8Array>;
  readonly isCompressible: boolean;
}

/** The encoding to use for a request, brotli before gzip; undefined for none (RFC 9110, section 12.5.3). */
export function chooseEncoding(header: string | string[] | undefined): 'br' | 'gzip' | undefined {
  const accepted = String(header ?? '').split(',').filter((one) => !/;\s*q=0(\.0*)?\s*$/.test(one)).map((one) => one.split(';')[0]!.trim());
  return accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : undefined;
}

export class ClientFiles {
  readonly #folder: string;
  #files = new Map<string, ClientFile>();
  #builtMs = -1;

  constructor(folder: string) {
    this.#folder = folder;
    this.#refresh();
  }

  /** The text of a built document, or undefined where the client was not built. */
  html(document: 'index' | 'watch'): string | undefined {
    this.#refresh();
    const file = this.#files.get(`/${document}.html`);
    return file && Buffer.from(file.bytes).toString('utf8');
  }

  /** The answer for an asset's path, or undefined where there is none. */
  answer(path: string, headers: IncomingHttpHeaders): Reply | undefined {
    const file = this.#files.get(path);
    if (!file) return undefined;
    const encoding = file.isCompressible ? chooseEncoding(headers['accept-encoding']) : undefined;
    // Other bytes, other tag (RFC 9110, section 8.8.3.3).
    const tag = encoding ? file.tag.replace(/"$/, `-${encoding}"`) : file.tag;
    const common = {
      'Content-Type': file.type,
      'Cache-Control': path.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: tag,
      Vary: 'Accept-Encoding',
    };
    if (namesTag(headers['if-none-match'], tag)) return { status: 304, headers: common, body: NO_BODY };
    if (!encoding) return { status: 200, headers: common, body: file.bytes };
    return { status: 200, headers: { ...common, 'Content-Encoding': encoding }, body: compressed(file, encoding) };
  }

  #refresh(): void {
    const builtMs = statSync(join(this.#folder, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (builtMs === this.#builtMs) return;
    this.#builtMs = builtMs;
    this.#files = builtMs === 0 ? new Map<string, ClientFile>() : readFiles(this.#folder);
  }
}

function compressed(file: ClientFile, encoding: 'br' | 'gzip'): Uint8Array {
  const held = file.encoded.get(encoding);
  if (held) return held;
  // Quality 9 costs about as much time as gzip and is done once a file; 11 would hold up a first visitor for seconds.
  const bytes = encoding === 'gzip' ? gzipSync(file.bytes) : brotliCompressSync(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  file.encoded.set(encoding, bytes);
  return bytes;
}

function readFiles(folder: string): Map<string, ClientFile> {
  const files = new Map<string, ClientFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    files.set(posix.join('/', relative(folder, file).split(sep).join('/')), {
      bytes,
      type: TYPES[extname(file)] ?? 'application/octet-stream',
      tag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
      encoded: new Map(),
      isCompressible: COMPRESSED.has(extname(file)),
    });
  }
  return files;
}
