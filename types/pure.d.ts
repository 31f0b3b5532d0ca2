// The few globals a pure floor may use beyond the language itself: the same in every browser and in Node, and without
// time, chance or effects. Declared here because the libraries that declare them bring everything else along.

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare const TextEncoder: new () => TextEncoder;

interface TextDecoder {
  /** Throws TypeError on malformed input if `fatal` was asked for. */
  decode(bytes?: ArrayBuffer | ArrayBufferView): string;
}
declare const TextDecoder: new (label?: 'utf-8', options?: { fatal?: boolean; ignoreBOM?: boolean }) => TextDecoder;
