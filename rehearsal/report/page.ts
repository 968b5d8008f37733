/**
 * The page: one file that needs no network and may use none. What matters first, the verdict and the table of variants, is HTML as
 * it stands; a script draws the rest from data that is packed into the page.
 */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { aboutSection, lawsSection, notModelledSection } from "./about";
import { bundle } from "./bundle";
import type { PageData, PageText } from "./data";
import { markup, Html } from "./markup";
import { variantsTable } from "./variantsTable";
import { verdictOf, type Verdict } from "./verdict";

export function renderPage(data: PageData, text: PageText): string {
  const { script, style } = bundle();
  const packed = deflateSync(JSON.stringify(data)).toString("base64");
  const verdict = verdictOf(data.result);
  const page = markup`<!doctype html>
<html lang="en">
${headOf(verdict.sentence, script, style)}
<body>
<a class="skip" href="#variants">Skip to the figures</a>
${headerOf(verdict, text)}
<nav aria-label="Parts of this page">
<a href="#variants">Variants</a>
<a href="#time">Over time</a>
<a href="#interruptions">Interruptions</a>
<a href="#not-modelled">Not modelled</a>
<a href="#about">Run it again</a>
</nav>
<main>
${variantsTable(data.result)}
${lawsSection(data.result)}
<div id="app"><noscript><p>Charts and interruptions need JavaScript; everything else is here.</p></noscript></div>
${notModelledSection(data.result)}
${aboutSection(data, text)}
</main>
<script type="application/octet-stream" id="data">${new Html(packed)}</script>
<script>${new Html(script)}</script>
</body>
</html>
`;
  return page.text;
}

function headOf(title: string, script: string, style: string): Html {
  return markup`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Spotproof rehearsal</title>
<style>${new Html(style)}</style>
</head>`;
}

function headerOf({ sentence, more, held }: Verdict, { scenario, partly }: PageText): Html {
  return markup`<header class="${held ? "held" : "broken"}">
<p class="kind">Spotproof rehearsal · ${scenario}</p>
<h1>${sentence}</h1>
${more.map((line) => markup`<p>${line}</p>`)}
${partly !== undefined && markup`<p class="partly">${partly}</p>`}
</header>`;
}

/** Nothing may be loaded, sent or run but what stands in the page. */
function policyOf(script: string, style: string): string {
  const hash = (content: string): string => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
  const inherited = "default-src 'none'; base-uri 'none'; form-action 'none'";
  return `${inherited}; script-src ${hash(script)}; style-src ${hash(style)}`;
}
