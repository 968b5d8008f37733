/** The page's script and style, bundled each time a page is written, so that both are always those of this version. */
import path from "node:path";
import { buildSync } from "esbuild";

export interface Bundle {
  readonly script: string;
  readonly style: string;
}

let bundled: Bundle | undefined;

export function bundle(): Bundle {
  bundled ??= build();
  return bundled;
}

function build(): Bundle {
  const { outputFiles } = buildSync({
    entryPoints: [path.join(__dirname, "page", "main.ts")],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2022"],
    charset: "utf8",
    legalComments: "inline",
    outdir: "page",
    logLevel: "error",
  });
  const textOf = (extension: string): string => outputFiles.find(({ path: file }) => file.endsWith(extension))!.text;
  return { script: inScript(textOf(".js")), style: textOf(".css") };
}

/** Nothing in a script may look like its end. */
const inScript = (text: string): string => text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
