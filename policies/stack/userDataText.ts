/** User data as text, part by part, for what is looked for in its words. */
import { bytesOf, unpacked } from "../userData/forms/bytes";
import { partsOf, type Part } from "../userData/forms/parts";

/** None where it can't be unpacked: then its settings can't be read either, which others report. */
export function textsOf(userData: string): readonly Part[] {
  try {
    const bytes = unpacked(bytesOf(userData));
    return bytes === undefined ? [] : partsOf(bytes);
  } catch {
    return [];
  }
}
