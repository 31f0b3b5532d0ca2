/** UTF-8 on the lower floors, whose types know neither browser nor Node; both have the codec (WHATWG Encoding). */
interface Host {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new () => { decode(bytes: Uint8Array): string };
}
// A codec is neither time nor chance nor network; only its type is missing here.
// eslint-disable-next-line no-restricted-globals
const host = globalThis as unknown as Host;
const encoder = new host.TextEncoder();
const decoder = new host.TextDecoder();

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export const utf8Text = (bytes: Uint8Array): string => decoder.decode(bytes);
