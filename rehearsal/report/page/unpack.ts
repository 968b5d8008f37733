import type { PageData } from "../data";

/** The data that stand in the page, packed. */
export async function unpack(): Promise<PageData> {
  const packed = document.getElementById("data")!.textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return (await new Response(stream).json()) as PageData;
}
