/** What the contract's messages need of JavaScript and UXP lacks: UTF-8 (https://encoding.spec.whatwg.org). To be imported first. */

export class Utf8Encoder {
  /** Half a surrogate pair becomes U+FFFD, as the standard has it. */
  encode(text: string): Uint8Array {
    const escaped = encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
    const bytes = escaped.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
    return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
  }
}

export class Utf8Decoder {
  /** A byte order mark is text. Throws URIError for bytes that are no UTF-8. */
  decode(bytes: Uint8Array): string {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  }
}

if (typeof TextEncoder !== "function" || typeof TextDecoder !== "function") {
  Object.assign(globalThis, { TextEncoder: Utf8Encoder, TextDecoder: Utf8Decoder });
}
