/** How long it takes to run the program under the mocks, its callbacks serialized. */
import { declareStack, sizeOf, timed } from "./stack";

export async function benchDeclaring(print: (line: string) => void): Promise<void> {
  const first = await timed(1, () => declareStack(sizeOf(20)));
  const { ms, answer } = await timed(5, () => declareStack(sizeOf(20)));
  print(
    `declaring the program   ${answer.length} resources  ${ms.toFixed(0)} ms, the first time ${first.ms.toFixed(0)} ms`,
  );
}
