/**
 * Pages: the built document for every address the client routes itself. A watch page also carries what its viewer
 * would ask for first (WatchBoot), so that the first chunk is on its way one round trip earlier.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { bytesToBase64 } from '#protocol/base64';
import { BOOT_ELEMENT_ID, EARLY_BODY, type EarlyRange, type WatchBoot } from '#protocol/paths';
import { encodeLogEntries } from '#protocol/record';
import { entriesBetween } from './channel-replies.ts';
import { chooseEncoding } from './client-files.ts';
import { pagePolicy, scriptHashes } from './page-policy.ts';
import type { Reply } from './reply.ts';
import type { ServedChannel } from './served-channel.ts';

/** Log entries in a watch page: half a minute of 2 s chunks, 10 kB; more would delay the page itself. */
const BOOT_ENTRIES = 16;

export function watchBoot(channel: ServedChannel, consent: WatchBoot['consent'], early?: EarlyRange): WatchBoot {
  const stream = channel.description.streams[0]!.id;
  const { first, newest } = channel.available(stream) ?? { first: 0, newest: -1 };
  const from = channel.kind === 'vod' ? first : newest - BOOT_ENTRIES + 1;
  const entries = entriesBetween(channel, stream, from, Math.min(newest, Math.max(from, first) + BOOT_ENTRIES - 1));
  const hosted = channel.hosted && { hosted: channel.hosted };
  return { description: channel.signedDescription, entries: bytesToBase64(encodeLogEntries(entries)), consent, ...(early && { early }), ...hosted };
}

/** JSON that can stand in a script element: `<` ends nothing and opens nothing (HTML standard, section 4.12.1.3). */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c');

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** What a built document is filled with. */
export interface PageFilling {
  readonly title: string | undefined;
  readonly boot: WatchBoot | undefined;
  readonly earlyUrl?: string | undefined;
}

/**
 * A built document with a title and, for a channel that exists, its boot data at the end of the head: behind the names
 * of the files that the browser should send for meanwhile.
 */
export function fillPage(html: string, page: PageFilling): string {
  const script = page.boot ? `<script type="application/json" id="${BOOT_ELEMENT_ID}">${scriptJson(page.boot)}</script>` : '';
  // Replacements are functions: a title with `$&` in it is text, not a pattern.
  const titled = page.title === undefined ? html : html.replace(/<title>[^<]*<\/title>/i, () => `<title>${escapeHtml(page.title!)}</title>`);
  const early = earlyScript(page);
  // Before anything else, style sheets above all: a script behind one waits for it.
  return titled.replace(/<\/head>/i, (end) => `${script}${end}`).replace(/<head[^>]*>/i, (head) => `${head}${early}`);
}

/** The policy of a filled page: what the build wrote and what we write runs, nothing that the filling brings along. */
export const policyOf = (html: string, page: PageFilling, isEmbeddable: boolean): string => pagePolicy(scriptHashes(html + earlyScript(page)), isEmbeddable);

/** Asks for the first picture's bytes while the player's code is on its way; the player checks and uses them. */
function earlyScript({ boot, earlyUrl }: PageFilling): string {
  if (!boot?.early || !earlyUrl) return '';
  const init = scriptJson({ headers: { range: `bytes=0-${boot.early.bytes - 1}` }, credentials: 'omit' });
  const answer = `fetch(${scriptJson(earlyUrl)},${init}).then((answer)=>answer.ok?answer.arrayBuffer():Promise.reject())`;
  return `<script>(${EARLY_BODY}=${answer}).catch(()=>0)</script>`;
}

/** An HTML answer, compressed as the browser likes it. Never kept: the boot data of a live channel is of this moment. */
export function htmlReply(html: string, { status, policy }: { status: number; policy: string }, headers: IncomingHttpHeaders): Reply {
  const bytes = Buffer.from(html);
  const encoding = chooseEncoding(headers['accept-encoding']);
  const common = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding', 'Content-Security-Policy': policy, 'Referrer-Policy': 'no-referrer' };
  if (!encoding) return { status, headers: common, body: bytes };
  // A page is compressed for each request: the lowest level that gets most of it.
  const body = encoding === 'gzip' ? gzipSync(bytes, { level: 4 }) : brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  return { status, headers: { ...common, 'Content-Encoding': encoding }, body };
}

/** Stands in for the client where it was not built. */
export const NOT_BUILT = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tributary</title></head>
<body><h1>The player is not built yet</h1><p>Run <code>npm run build</code> and load this page again; <code>npm start</code> does it by itself.
Channels can be played meanwhile by any HLS player: <a href="/api/channels">/api/channels</a> lists them.</p></body></html>`;
