/** The scoreboard as a table of HTML: the same rows, in the same words. */
import type { RehearsalResult } from "../measure/result";
import { rowsOf, type Row } from "../measure/scoreboard";
import { markup, type Html } from "./markup";

const isPart = ([label]: Row): boolean => label.startsWith(" ");

/** A cause that no variant had tells nothing where the one above it stands. */
function shown(rows: readonly Row[], { variants }: RehearsalResult): Row[] {
  const all = Object.values(variants);
  return rows.filter((row) => !isPart(row) || all.some((variant) => !/^\$?0(\.0+)?$|^none$/.test(row[1](variant))));
}

export function variantsTable(result: RehearsalResult): Html {
  const variants = Object.values(result.variants);
  const header = Object.keys(result.variants).map((name) => markup`<th scope="col">${name}</th>`);
  const rows = shown(rowsOf(result), result).map((row) => {
    const cells = variants.map((variant) => markup`<td>${row[1](variant)}</td>`);
    return markup`<tr${isPart(row) && markup` class="part"`}><th scope="row">${row[0].trim()}</th>${cells}</tr>\n`;
  });
  return markup`<section id="variants" aria-labelledby="variants-title">
<h2 id="variants-title">Variants</h2>
${variants.length > 1 && markup`<p>Each went through the same market and the same load. The exit code is about the first.</p>`}
<div class="wide" role="region" aria-label="Table of variants" tabindex="0">
<table class="variants">
<thead><tr><th scope="col"><span class="unseen">Figure</span></th>${header}</tr></thead>
<tbody>
${rows}</tbody>
</table>
</div>
</section>`;
}
