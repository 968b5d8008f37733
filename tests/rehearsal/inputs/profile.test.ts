import { expect } from "chai";
import { DEFAULT_PROFILE, readProfile } from "../../../rehearsal/inputs/profile";
import { fixture, inputErrorOf, problemsOf, removeFixtures } from "./files";

after(removeFixtures);

const profile = (...lines: string[]) => fixture("rehearsal.yaml", lines);

describe("a container profile", () => {
  it("is the default if nothing is said", () => {
    expect(readProfile(profile())).to.deep.equal(DEFAULT_PROFILE);
    expect(DEFAULT_PROFILE).to.deep.equal({
      startSeconds: 8,
      healthySeconds: 0,
      requestSeconds: 0.2,
      cpuSecondsPerRequest: 0.02,
      concurrency: 100,
      onSigterm: "finish",
      protectsWork: false,
    });
  });

  it("keeps what is said and takes the default for the rest", () => {
    const read = readProfile(profile("onSigterm: exit", "longRequests: {share: 0.01, seconds: 40}"));
    expect(read).to.deep.equal({ ...DEFAULT_PROFILE, onSigterm: "exit", longRequests: { share: 0.01, seconds: 40 } });
  });

  it("tells all problems at once, in the order of the lines", () => {
    const path = profile(
      "startSeconds: -1",
      "foo: 3",
      "longRequests:",
      "  share: 2",
      "onSigterm: never",
      'concurrency: "9"',
    );
    expect(problemsOf(() => readProfile(path))).to.deep.equal([
      "rehearsal.yaml:1 startSeconds is -1",
      "rehearsal.yaml:2 unknown field foo",
      "rehearsal.yaml:3 longRequests.seconds is missing",
      "rehearsal.yaml:4 longRequests.share is 2",
      'rehearsal.yaml:5 onSigterm is "never"',
      'rehearsal.yaml:6 concurrency is "9"',
    ]);
  });

  it("says what is allowed and gives an example", () => {
    const error = inputErrorOf(() => readProfile(profile("onSigterm: never")));
    expect(error.message).to.contain("allowed: finish, exit or ignore; write e.g. onSigterm: finish");
  });

  it("refuses a file that isn't a map, isn't YAML or isn't there", () => {
    expect(problemsOf(() => readProfile(profile("- a")))).to.deep.equal(['rehearsal.yaml:1 the file is ["a"]']);
    expect(problemsOf(() => readProfile(profile("concurrency: 3", "concurrency: 4")))).to.deep.equal([
      "rehearsal.yaml:2 Map keys must be unique",
    ]);
    expect(problemsOf(() => readProfile("nowhere.yaml"))).to.deep.equal(["nowhere.yaml no such file"]);
  });
});
