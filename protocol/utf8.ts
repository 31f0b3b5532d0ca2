/** UTF-8 on the lower floors, whose types know neither browser nor Node; both have the encoder (WHATWG Encoding). */
interface Encoder {
  encode(text: string): Uint8Array;
}
// An encoder is neither time nor chance nor network; only its type is missing here.
// eslint-disable-next-line no-restricted-globals
const encoder = new (globalThis as unknown as { TextEncoder: new () => Encoder }).TextEncoder();

export const utf8 = (text: string): Uint8Array => encoder.encode(text);
