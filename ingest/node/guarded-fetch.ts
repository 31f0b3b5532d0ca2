/**
 * Reads from addresses that somebody else wrote: a playlist may name any machine, also those behind our own firewall.
 * A name is resolved once, every address it has is checked, and the connection goes to the very address that was
 * checked; each redirect is a new address. Sizes and times are bounded.
 */
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';
import { IngestError } from '../ingest-error.ts';

export interface FetchRules {
  /** Whether machines of private networks and this one may be asked. */
  readonly allowsPrivate: boolean;
  /** Longest time of one request with all its redirects, ms. */
  readonly timeoutMs: number;
}

export interface FetchJob {
  readonly url: string;
  /** Most bytes that are taken. */
  readonly limit: number;
  /** Part of the resource (RFC 9110, section 14); `length` undefined: to its end. */
  readonly range?: { readonly offset: number; readonly length: number | undefined };
}

/** Time enough for the largest chunk at 5 Mbit/s. */
export const FETCH_TIMEOUT_MS = 60_000;
const MAX_REDIRECTS = 5;
const MAX_ADDRESS_CHARS = 4096;

/** What is not the public Internet: IANA's special-purpose registries (RFC 6890), multicast and what is reserved. */
const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24],
  ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) PRIVATE.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 128], ['::1', 128], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['100::', 64], ['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['fc00::', 7], ['fe80::', 10], ['fec0::', 10], ['ff00::', 8],
] as const) PRIVATE.addSubnet(net, prefix, 'ipv6');

/** Whether an address is of this machine, of a private network or of no machine at all. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return PRIVATE.check(address, 'ipv4');
  if (family !== 6) return true;
  // An IPv4 address in IPv6's clothes (RFC 4291, section 2.5.5) is what it is in its own.
  const written = new URL(`http://[${address.split('%')[0]!}]`).hostname.slice(1, -1);
  const mapped = /^::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written);
  if (mapped) {
    const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
    return PRIVATE.check(`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`, 'ipv4');
  }
  return PRIVATE.check(written, 'ipv6');
}

export interface Fetched {
  readonly bytes: Uint8Array;
  /** Where the bytes came from, after all redirects. */
  readonly url: string;
}

/** @throws IngestError with one sentence: not reachable, not allowed, too large, too slow, or an answer that is none. */
export async function guardedFetch(job: FetchJob, rules: FetchRules): Promise<Fetched> {
  const signal = AbortSignal.timeout(rules.timeoutMs);
  let url = requireAddress(job.url);
  for (let redirects = 0; ; redirects++) {
    try {
      const response = await ask(url, job, rules, signal);
      const location = response.headers.location;
      if (location === undefined || ![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return { bytes: await readAnswer(response, url, job), url: url.href };
      response.destroy();
      if (redirects === MAX_REDIRECTS) throw new IngestError('unreachable', `${job.url} leads from one address to another more than ${MAX_REDIRECTS} times.`);
      url = requireAddress(new URL(location, url).href);
    } catch (error) {
      if (error instanceof IngestError) throw error;
      if (signal.aborted) throw new IngestError('unreachable', `${url.href} did not answer within ${Math.round(rules.timeoutMs / 1000)} seconds.`, error);
      throw new IngestError('unreachable', `${url.href} cannot be reached (${error instanceof Error ? error.message : String(error)}).`, error);
    }
  }
}

function requireAddress(text: string): URL {
  const url = URL.canParse(text) && text.length <= MAX_ADDRESS_CHARS ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new IngestError('forbiddenAddress', `${text.slice(0, 200)} is no address that can be read: http: or https: is needed.`);
  if (url.username !== '' || url.password !== '') throw new IngestError('forbiddenAddress', `The address of ${url.host} carries a password, which every viewer could read; take it out.`);
  return url;
}

function ask(url: URL, { range }: FetchJob, rules: FetchRules, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A literal address is connected to without being looked up.
  if (isIP(host)) requireAllowed(host, [host], rules);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, {
      signal,
      // Connections are not kept: the next request's name may have got another address, and is checked again.
      agent: false,
      headers: { 'Accept-Encoding': 'identity', 'User-Agent': 'Tributary', ...(range && { Range: `bytes=${range.offset}-${range.length === undefined ? '' : range.offset + range.length - 1}` }) },
      lookup: (name, options, done) => resolveName(name, { ...options, all: true }, (error, found: LookupAddress[]) => {
        try {
          if (error) throw error;
          requireAllowed(name, found.map(({ address }) => address), rules);
          if (options.all) done(null, found);
          else done(null, found[0]!.address, found[0]!.family);
        } catch (refusal) {
          done(refusal as NodeJS.ErrnoException, '');
        }
      }),
    }, resolve);
    request.on('error', reject);
    request.end();
  });
}

function requireAllowed(host: string, addresses: readonly string[], { allowsPrivate }: FetchRules): void {
  if (allowsPrivate || (addresses.length > 0 && !addresses.some(isPrivateAddress))) return;
  throw new IngestError('forbiddenAddress', `${host} is a machine of a private network; --allow-private lets such addresses be read.`);
}

async function readAnswer(response: IncomingMessage, url: URL, { limit, range }: FetchJob): Promise<Uint8Array> {
  const status = response.statusCode ?? 0;
  const isPart = range !== undefined && (range.offset > 0 || range.length !== undefined);
  if (status !== 200 && !(status === 206 && isPart)) {
    response.destroy();
    throw new IngestError('unreachable', `${url.href} answers with status ${status}.`);
  }
  // A server that knows no ranges sends everything; what is before the part is thrown away as it comes.
  let skip = status === 206 ? 0 : (range?.offset ?? 0);
  const wanted = range?.length ?? Infinity;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const data of response as AsyncIterable<Buffer>) {
    const fresh = data.subarray(Math.min(skip, data.length)).subarray(0, wanted - bytes);
    skip = Math.max(0, skip - data.length);
    if (bytes + fresh.length > limit) {
      response.destroy();
      throw new IngestError('chunkTooLarge', `${url.href} is larger than ${Math.floor(limit / 1024)} KiB, the most that one piece of a stream may have.`);
    }
    parts.push(fresh);
    bytes += fresh.length;
    if (bytes >= wanted) break;
  }
  if (range?.length !== undefined && bytes < range.length) throw new IngestError('damaged', `${url.href} is shorter than its playlist says.`);
  return Uint8Array.from(Buffer.concat(parts));
}
