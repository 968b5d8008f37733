/**
 * The JSON schema of `--json`, from the code that makes it.
 * `node -r ts-node/register rehearsal/measure/schema.ts` writes it to docs/.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import { z } from "zod";
import { resultSchema } from "./result";

export const SCHEMA_FILE = path.join(__dirname, "../../docs/rehearsal-result.schema.json");

export function resultJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(resultSchema);
  return {
    $schema,
    title: "Result of a rehearsal",
    description: "What npm run rehearse -- --json FILE writes; the first variant is the stack under rehearsal.",
    ...rest,
  };
}

async function write(): Promise<void> {
  const options = await resolveConfig(SCHEMA_FILE);
  writeFileSync(SCHEMA_FILE, await format(JSON.stringify(resultJsonSchema()), { ...options, filepath: SCHEMA_FILE }));
}

if (require.main === module) void write();
