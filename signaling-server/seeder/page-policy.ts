/**
 * What a page of ours may load and run (Content Security Policy, level 3). Scripts are the files of the build and those
 * that the build itself wrote into the document, named by their hash: whatever finds its way into a page besides, by a
 * title or anything else that strangers say, is not run.
 */
import { createHash } from 'node:crypto';

/** Scripts in a document that browsers run: those with `src` are files, those with a type of their own are data. */
const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/** Hashes of the scripts in a document, as a policy names them. */
export const scriptHashes = (html: string): string[] =>
  [...html.matchAll(INLINE_SCRIPT)].map(([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`);

/**
 * @param hashes of the scripts in the page, as `scriptHashes` gives them
 * @param isEmbeddable whether pages elsewhere may show this one in a frame
 */
export function pagePolicy(hashes: readonly string[], isEmbeddable: boolean): string {
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...hashes].join(' ')}`,
    // media-chrome and React write styles into elements; a style runs nothing.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' blob:",
    "manifest-src 'self'",
    // hls.js makes its worker of its own text.
    "worker-src 'self' blob:",
    // Keys of encrypted channels are wherever their publisher has them.
    "connect-src 'self' http: https: ws: wss: data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${isEmbeddable ? '*' : "'self'"}`,
  ].join('; ');
}
