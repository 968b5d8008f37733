/** Starts, once for all wire tests, moto and the front; mocha requires this file. */
import { pythonEnvironment } from "../../../tools/wire/pythonEnvironment";
import { clientsOf, type Clients } from "./clients";
import { Front } from "./front";
import { Models } from "./model";
import { Moto } from "./moto";

export interface Wire {
  readonly models: Models;
  readonly front: Front;
  /** An administrator's, through the front. */
  readonly clients: Clients;
}

let moto: Moto | undefined;
let started: Wire | undefined;

export function wire(): Wire {
  if (started === undefined) throw new Error("the wire isn't up: run these tests with npm run test:wire");
  return started;
}

export async function mochaGlobalSetup(): Promise<void> {
  const environment = pythonEnvironment();
  const models = new Models(environment.models);
  moto = await Moto.start(environment);
  const front = await Front.start(models, moto);
  started = { models, front, clients: clientsOf(front.url) };
}

export async function mochaGlobalTeardown(): Promise<void> {
  await started?.front.stop();
  await moto?.stop();
}
