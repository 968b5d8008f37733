/** How far a rehearsal is: a bar on a terminal, plain lines elsewhere. */
import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  begin(variant: string): void;
  progress(share: number): void;
  end(): void;
}

export function makeProgress(stream: NodeJS.WriteStream, isQuiet: boolean): Progress {
  if (isQuiet) return { begin: () => undefined, progress: () => undefined, end: () => undefined };
  return stream.isTTY ? bar(stream) : lines(stream);
}

function bar(stream: NodeJS.WriteStream): Progress {
  let current: SingleBar | undefined;
  const end = (): void => {
    current?.stop();
    current = undefined;
  };
  return {
    begin: (variant) => {
      end();
      current = new SingleBar(
        { format: `${variant.padEnd(12)} {bar} {percentage} % | {duration_formatted}`, stream, hideCursor: true },
        Presets.shades_classic,
      );
      current.start(100, 0);
    },
    progress: (share) => current?.update(Math.floor(Math.max(0, Math.min(1, share)) * 100)),
    end,
  };
}

const TOLD_EVERY = 0.25;

function lines(stream: NodeJS.WriteStream): Progress {
  let name = "";
  let told = 0;
  return {
    begin: (variant) => {
      name = variant;
      told = 0;
      stream.write(`${variant}: deployed\n`);
    },
    progress: (share) => {
      if (share < told + TOLD_EVERY) return;
      told = Math.floor(share / TOLD_EVERY) * TOLD_EVERY;
      stream.write(`${name}: ${Math.round(told * 100)} %\n`);
    },
    end: () => undefined,
  };
}
