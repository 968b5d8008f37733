import type * as ast from "unbash";
import { ECS_CONFIG } from "../agentFiles";
import { isPattern, markUnknown, mayBe, readFile, resolvePath, writeFile } from "./files";
import { DISCARDED, type Io, placeIn, type Shell } from "./shell";
import { expandBody, expandText } from "./words";

/** Where a command reads and prints, from left to right. */
export function redirected(shell: Shell, redirections: readonly ast.Redirection[], io: Io): Io {
  return redirections.reduce((current, redirection) => {
    switch (redirection.type) {
      case "HereDoc":
        return { ...current, stdin: expandBody(shell, redirection) };
      case "HereString":
        return {
          ...current,
          stdin: `${redirection.target === undefined ? "" : expandText(shell, redirection.target)}\n`,
        };
      case "Redirect":
        return redirectedTo(shell, redirection, current);
    }
  }, io);
}

function redirectedTo(shell: Shell, redirect: ast.Redirect, io: Io): Io {
  const { operator, target } = redirect;
  if (target === undefined) return io;
  const text = expandText(shell, target);
  if (operator === "<") return { ...io, stdin: readFile(shell, text, placeIn(shell, redirect)) };
  return operator.startsWith("<") ? io : outputTo(shell, redirect, text, io);
}

function outputTo(shell: Shell, redirect: ast.Redirect, text: string, io: Io): Io {
  const isOutput = redirect.descriptor?.type !== "FileDescriptor" || redirect.descriptor.value === 1;
  const toDescriptor = redirect.operator === ">&" && /^(?:\d+-?|-)$/.test(text);
  if (toDescriptor) return isOutput && text !== "1" ? { ...io, out: DISCARDED } : io;
  const path = resolvePath(shell, text);
  if (isOutput) return path === "/dev/stdout" ? io : printedTo(shell, redirect, path, io);
  if (mayBe(path, ECS_CONFIG)) markUnknown(shell, ECS_CONFIG, placeIn(shell, redirect));
  return io;
}

function printedTo(shell: Shell, redirect: ast.Redirect, path: string, io: Io): Io {
  const outPlace = placeIn(shell, redirect);
  const appends = redirect.operator.endsWith(">>");
  if (!appends && !isPattern(path)) writeFile(shell, path, "", outPlace);
  return { ...io, out: path, outPlace };
}
