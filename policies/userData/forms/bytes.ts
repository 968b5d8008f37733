import { gunzipSync } from "node:zlib";

/** EC2 takes 16 KiB, so that what unpacks to more than this is no user data but a trap. */
const MOST_BYTES = 512 * 1024;

export class TooLong extends Error {}

/** A launch template's user data is base64; a program may also have it as plain text. */
export function bytesOf(userData: string): Buffer {
  if (userData.length > 2 * MOST_BYTES) throw new TooLong();
  return Buffer.from(userData, isBase64(userData) ? "base64" : "utf8");
}

function isBase64(text: string): boolean {
  const compact = text.replace(/\s+/g, "");
  return compact.length > 0 && compact.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(compact);
}

/** Gzipped bytes are unpacked, others given back; nothing where they are damaged. */
export function unpacked(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined;
  }
}
