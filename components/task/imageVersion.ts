/** Which source an image is built from, as git tells it. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ImageBuild } from "./imageArgs";

const COMMIT_LENGTH = 12;

/** A listing of a repository's files can be long. */
const LONGEST_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * `<commit>-<date>`, the date being the commit's in UTC, so that one commit has one version on every machine. What isn't committed
 * in the context, or in a Dockerfile outside it, adds `-dirty-<hash>` of the differences.
 * @throws where the context isn't in a git work tree with a commit; the message is git's, or the system's.
 */
export function imageVersion({ context, dockerfile }: Pick<ImageBuild, "context" | "dockerfile">): string {
  const folder = realpathSync(context);
  const root = git(folder, "rev-parse", "--show-toplevel").trim();
  const [commit = "", seconds] = git(root, "-c", "log.showSignature=false", "log", "-1", "--format=%H %ct").split(" ");
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 10).replaceAll("-", "");
  const version = `${commit.slice(0, COMMIT_LENGTH)}-${date}`;
  const changed = changedFiles(root, dockerfile === undefined ? [folder] : [folder, resolve(dockerfile)]);
  return changed.length === 0 ? version : `${version}-dirty-${hashOf(root, changed)}`;
}

/** Changed, deleted, and new ones that aren't ignored; from the root, in order. */
function changedFiles(root: string, paths: readonly string[]): string[] {
  const changed = git(root, "diff", "HEAD", "--name-only", "--no-renames", "-z", "--", ...paths);
  const added = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ...paths);
  return [...new Set(`${changed}${added}`.split("\0"))].filter((path) => path !== "").sort();
}

function hashOf(root: string, files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const contents = createHash("sha256")
      .update(contentsOf(join(root, file)))
      .digest("hex");
    hash.update(`${file}\0${contents}\0`);
  }
  return hash.digest("hex").slice(0, COMMIT_LENGTH);
}

/** With what else of a file an image keeps: whether it is a link, and may be executed. */
function contentsOf(path: string): Buffer {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return Buffer.from("deleted");
  if (stat.isSymbolicLink()) return Buffer.from(`link ${readlinkSync(path)}`);
  // Another work tree inside this one is listed as a folder.
  if (!stat.isFile()) return Buffer.from("folder");
  return Buffer.concat([Buffer.from(`file ${stat.mode & 0o111} `), readFileSync(path)]);
}

function git(folder: string, ...args: string[]): string {
  const options = { cwd: folder, encoding: "utf8", stdio: "pipe", maxBuffer: LONGEST_ANSWER_BYTES } as const;
  return execFileSync("git", args, options);
}
