/** Calls the world as a function would. */
import { connectTo } from "../../../rehearsal/api/dispatch";
import type { Statement } from "../../../rehearsal/world/iam";
import type { ExecutionEnvironment, FunctionSpec } from "../../../rehearsal/world/lambda/function";
import { later, SECOND, type Logged } from "../world/support";

export const EVERYTHING: Statement[] = [{ Effect: "Allow", Action: "*", Resource: "*" }];

export interface Answer {
  readonly output: Record<string, unknown> | undefined;
  readonly error: Error | undefined;
}

export type Call = (service: string, command: string, input?: object) => Promise<Answer>;

/** Calls the world as a function with these permissions would. */
export function caller({ world }: Pick<Logged, "world">, statements = EVERYTHING): Call {
  const spec = { name: "fn", statements } as unknown as FunctionSpec;
  const dispatch = connectTo(world)(spec, { alive: true } as ExecutionEnvironment);
  return async (service, command, input = {}) => {
    let answer: Answer | undefined;
    dispatch(service, command, input).then(
      (output) => (answer = { output: output as Record<string, unknown>, error: undefined }),
      (error: Error) => (answer = { output: undefined, error }),
    );
    while (answer === undefined) await later(world, SECOND / 50);
    return answer;
  };
}

export const errorOf = async (answer: Promise<Answer>): Promise<string | undefined> => (await answer).error?.name;
