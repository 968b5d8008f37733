import { expect } from "chai";
import { changedProfile, DEFAULT_PROFILE, profileChangesSchema, readProfile } from "../../../rehearsal/inputs/profile";
import { fixture, inputErrorOf, problemsOf, removeFixtures } from "./files";

after(removeFixtures);

const profile = (...lines: string[]) => fixture("rehearsal.yaml", lines);

describe("changes to a profile", () => {
  it("are the fields that are given, without the defaults of the others", () => {
    expect(profileChangesSchema.parse({ protectsWork: true })).to.deep.equal({ protectsWork: true });
    expect(profileChangesSchema.safeParse({ protectsWork: 1 }).success).to.equal(false);
    expect(profileChangesSchema.safeParse({ longRequests: { share: 0.1 } }).success).to.equal(false);
    expect(profileChangesSchema.safeParse({ protects: true }).success).to.equal(false);
  });
});

describe("changes to what a profile says of jobs", () => {
  it("leave the rest of it as it was", () => {
    const changes = profileChangesSchema.parse({ jobs: { onSigterm: "exit" } });
    expect(changes).to.deep.equal({ jobs: { onSigterm: "exit" } });
    const profile = { ...DEFAULT_PROFILE, jobs: { ...DEFAULT_PROFILE.jobs, checkpoints: true } };
    const { jobs } = changedProfile(profile, changes);
    expect(jobs).to.deep.equal({ ...DEFAULT_PROFILE.jobs, checkpoints: true, onSigterm: "exit" });
    expect(changedProfile(profile)).to.deep.equal(profile);
  });

  it("are checked as the profile is", () => {
    expect(profileChangesSchema.safeParse({ jobs: { consumer: "other" } }).success).to.equal(false);
    expect(profileChangesSchema.safeParse({ jobs: { heartbeats: true } }).success).to.equal(false);
  });
});

describe("a container profile", () => {
  it("says what its workers may be like", () => {
    const path = profile("jobs:", "  consumer: other", "  failShare: 2", "  beats: 1");
    expect(
      inputErrorOf(() => readProfile(path)).problems.map(({ given, allowed }) => `${given}; ${allowed}`),
    ).to.deep.equal([
      'jobs.consumer is "other"; spotproof or plain',
      "jobs.failShare is 2; a number from 0 to 1",
      "unknown field jobs.beats; consumer, heartbeat, onSigterm, checkpoints, tellsLength, failShare, cpuPercent",
    ]);
  });

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
      memoryPercent: 40,
      jobs: {
        consumer: "spotproof",
        heartbeat: false,
        onSigterm: "finish",
        checkpoints: false,
        tellsLength: false,
        failShare: 0,
        cpuPercent: 80,
      },
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

  it("takes a mean duration of long requests, or two bounds", () => {
    const bounded = readProfile(profile("longRequests: {share: 0.1, minSeconds: 30, maxSeconds: 600, cpuUnits: 64}"));
    expect(bounded.longRequests).to.deep.equal({ share: 0.1, minSeconds: 30, maxSeconds: 600, cpuUnits: 64 });
    const wrong: readonly (readonly [string, string])[] = [
      ["share: 0.1", "longRequests.seconds is missing"],
      ["share: 0.1, minSeconds: 3", "longRequests.maxSeconds is missing"],
      ["share: 0.1, maxSeconds: 3", "longRequests.minSeconds is missing"],
      ["share: 0.1, minSeconds: 3, maxSeconds: 2", "longRequests.maxSeconds is 2"],
      ["share: 0.1, seconds: 5, minSeconds: 3, maxSeconds: 9", "longRequests.seconds is 5"],
      ["share: 0.1, seconds: 5, cpuUnits: -1", "longRequests.cpuUnits is -1"],
    ];
    for (const [fields, problem] of wrong) {
      const read = () => readProfile(profile(`longRequests: {${fields}}`));
      expect(problemsOf(read)).to.deep.equal([`rehearsal.yaml:1 ${problem}`]);
    }
  });

  it("tells what the clients do, and what is wrong with that", () => {
    const right = readProfile(profile("clientRetries: {attempts: 2, backoffSeconds: 0.1, of: [connect, 5xx]}"));
    expect(right.clientRetries).to.deep.equal({ attempts: 2, backoffSeconds: 0.1, of: ["connect", "5xx"] });
    const wrong = profile("keepAliveSeconds: 0", "clientRetries:", "  attempts: 0", "  of: [4xx]");
    expect(problemsOf(() => readProfile(wrong))).to.deep.equal([
      "rehearsal.yaml:1 keepAliveSeconds is 0",
      "rehearsal.yaml:2 clientRetries.backoffSeconds is missing",
      "rehearsal.yaml:3 clientRetries.attempts is 0",
      'rehearsal.yaml:4 clientRetries.of is "4xx"',
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
