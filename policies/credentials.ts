/** How credentials look in a text: to find them, and to keep them out of every message. */

/** What a literal can't begin with: a variable, a command, a reference, a placeholder. */
const LITERAL = String.raw`["']?(?![$\x60<{"'\s]|arn:|https?:|resolve:)[^\s"']{6,}`;

const CREDENTIALS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["an AWS access key", /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["an AWS secret access key", /aws_secret_access_key\s*[=:]\s*["']?[A-Za-z0-9/+]{40}/i],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a registry's credentials", /ECS_ENGINE_AUTH_DATA=.*\\?"(?:auth|password)\\?"\s*:\s*\\?"(?![$<])[^"\\]+/],
  ["a registry's password", new RegExp(String.raw`docker\s+login\b.*\s(?:-p|--password)[\s=]${LITERAL}`)],
  [
    "a password or a key",
    new RegExp(String.raw`\b\w*(?:PASSWORD|PASSWD|API_?KEY|ACCESS_TOKEN|AUTH_TOKEN)\s*[=:]\s*${LITERAL}`, "i"),
  ],
];

/** What kind of credential a line has, if any. */
export function credentialIn(line: string): string | undefined {
  return CREDENTIALS.find(([, pattern]) => pattern.test(line))?.[0];
}

export function withoutCredentials(text: string): string {
  return CREDENTIALS.reduce(
    (safe, [what, pattern]) => safe.replace(new RegExp(pattern, `${pattern.flags}g`), `[${what}]`),
    text,
  );
}
