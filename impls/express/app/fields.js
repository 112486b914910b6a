// The fields of forms and queries, decoded strictly: a value whose bytes are no UTF-8 becomes a NUL, which no name may have.

import { parse, unescapeBuffer } from "node:querystring";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function fields(text) {
  return parse(text, "&", "=", { decodeURIComponent: decode });
}

function decode(text) {
  try {
    return utf8.decode(unescapeBuffer(text));
  } catch {
    return "\0";
  }
}
