/** What a page says at its end: what broke, what it ran on, what isn't modelled, and how to run it again. */
import type { RehearsalResult, VariantResult } from "../measure/result";
import { LIMITS, type PageData, type PageText } from "./data";
import { markup, type Html } from "./markup";

const list = (lines: readonly string[]): Html =>
  markup`<ul>
    ${lines.map((line) => markup`<li>${line}</li>`)}
  </ul>`;

export function notModelledSection({ variants }: RehearsalResult): Html {
  const named = Object.entries(variants).map(
    ([name, { notModelled }]) =>
      markup`<h3>${name}</h3>
        ${notModelled.length === 0 ? markup`<p>Everything that it declares is modelled.</p>` : list(notModelled)}`,
  );
  return markup`<section id="not-modelled" aria-labelledby="not-modelled-title">
    <h2 id="not-modelled-title">What isn’t modelled</h2>
    <p>The simulated AWS has what the program declares, but for these:</p>
    ${named}
  </section>`;
}

export function lawsSection({ variants }: RehearsalResult): Html | undefined {
  const broken = Object.entries(variants).filter(([, { lawsBroken }]) => lawsBroken.length > 0);
  if (broken.length === 0) return undefined;
  return markup`<section id="laws" aria-labelledby="laws-title">
    <h2 id="laws-title">Laws broken</h2>
    ${broken.map(
      ([name, variant]) =>
        markup`<details>
          <summary>${name}: ${variant.lawsBroken.length}</summary>
          ${lawsOf(variant)}
        </details>`,
    )}
  </section>`;
}

const lawsOf = ({ lawsBroken }: VariantResult): Html =>
  list(
    lawsBroken.map(
      ({ law, atSeconds, object, message }) =>
        `at ${atSeconds.toLocaleString("en-US")} s, ${object}: ${law}: ${message}`,
    ),
  );

export function aboutSection(
  { result }: PageData,
  { sources, remarks, command, scenario, description }: PageText,
): Html {
  return markup`<section id="about" aria-labelledby="about-title">
    <h2 id="about-title">How to run it again</h2>
    <p>The same command, in the same version of the project, gives the same figures.</p>
    <pre tabindex="0" aria-label="command"><code id="command">${command}</code></pre>
    <p><button type="button" id="copy" hidden>Copy the command</button> <span id="copied" role="status"></span></p>
    <h3>What it ran on</h3>
    ${list([
      `scenario: ${scenario}: ${description}`,
      ...sources,
      `${result.simulatedSeconds / 86_400} simulated days, seed ${result.seed}, measured from the end of a warm-up`,
      ...remarks,
    ])}
    <h3>How to read the charts</h3>
    ${list([
      `Time is cut into at most ${LIMITS.buckets.toLocaleString("en-US")} buckets. Each keeps the least and the most that a value was in it, and every failed request, so nothing short is averaged away.`,
      "Requests are simulated as flows: what fails on a target that is gone is counted when the flow changes or the minute ends, so it may stand up to a minute late. Queues are looked at once a minute.",
      "An interruption’s log lines are those from 5 s before it to 3 minutes after its instance is gone. What failed in that time is shown with it, also where another interruption was the cause.",
    ])}
  </section>`;
}
