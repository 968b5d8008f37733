import { expect } from "chai";
import fc from "fast-check";
import { KEPT_VERSIONS, plan } from "../../../functions/refresh/plan";
import type { RefreshState, TemplateVersion } from "../../../functions/refresh/state";
import {
  BROUGHT,
  COPY,
  group,
  HOUR,
  members,
  MINUTE,
  NEW,
  NOW,
  OLD,
  PARAMETER,
  PROGRAM,
  QUIET,
  record,
  SETTINGS,
  state,
  WINDOW_START,
} from "./states";

const kinds = (given: RefreshState, settings = SETTINGS, now = NOW): string[] =>
  plan(given, settings, now).actions.map(({ kind }) => kind);

describe("the refresh's plan", () => {
  describe("where instances run an older AMI", () => {
    it("makes a version with the new one first, from the program's", () => {
      const { actions } = plan(state({ versions: [PROGRAM] }), SETTINGS, NOW);
      const description = `spotproof: ${NEW} from 1`;
      expect(actions).to.deep.equal([{ kind: "makeVersion", sourceVersion: 1, imageId: NEW, description, after: 1 }]);
    });

    it("then puts the program's version on top, which Pulumi reads, and starts the refresh", () => {
      const { actions } = plan(state({ versions: [BROUGHT, PROGRAM] }), SETTINGS, NOW);
      expect(actions.map(({ kind }) => kind)).to.deep.equal(["makeVersion", "start"]);
      expect(actions[0]).to.include({ imageId: PARAMETER, description: "spotproof: copy of 1", after: 2 });
      expect(actions[1]).to.deep.include({ version: 2, group: group() });
    });

    it("uses the version that is there already", () => {
      expect(kinds(state())).to.deep.equal(["start"]);
    });

    it("makes another one where the program has changed its own since", () => {
      const program = { ...PROGRAM, version: 4 };
      const versions = [program, COPY, BROUGHT, { ...PROGRAM, isDefault: false }];
      const [action] = plan(state({ versions }), SETTINGS, NOW).actions;
      expect(action).to.include({ kind: "makeVersion", sourceVersion: 4, imageId: NEW });
    });

    it("goes to the program's own version where that names the AMI", () => {
      const pinned = { ...PROGRAM, imageId: NEW };
      const [action] = plan(state({ versions: [pinned] }), SETTINGS, NOW).actions;
      expect(action).to.include({ kind: "start", version: 1, autoRollback: false });
    });

    it("lets AWS go back where the group's version names an AMI, and only there", () => {
      const older = { ...BROUGHT, imageId: OLD, description: `spotproof: ${OLD} from 1` };
      const newer = { ...BROUGHT, version: 4 };
      const versions = [{ ...COPY, version: 5 }, newer, older, PROGRAM];
      const before = state({ versions, groups: [group({ version: 2, members: members(2, OLD, 2) })] });
      const start = plan(before, SETTINGS, NOW).actions.find(({ kind }) => kind === "start");
      expect(start).to.include({ version: 4, autoRollback: true });
      expect(plan(state(), SETTINGS, NOW).actions[0]).to.include({ kind: "start", autoRollback: false });
    });

    it("refreshes a group without instances too, whose next ones would have the older AMI", () => {
      const older = { ...BROUGHT, imageId: OLD, description: `spotproof: ${OLD} from 1`, isDefault: true };
      const versions = [COPY, older, { ...PROGRAM, isDefault: false }];
      const empty = group({ version: 2, members: [] });
      expect(kinds(state({ versions, groups: [empty] }))).to.deep.equal(["makeVersion"]);
    });

    it("only tells of them in the mode notify", () => {
      expect(kinds(state(), { ...SETTINGS, refresh: "notify" })).to.be.empty;
    });

    it("takes one group after the other", () => {
      const groups = [group({ name: "a" }), group({ name: "b" })];
      expect(kinds(state({ groups }))).to.deep.equal(["start"]);
    });
  });

  describe("waits", () => {
    const waits = (given: RefreshState, now = NOW): string | undefined => {
      expect(kinds(given, SETTINGS, now)).to.be.empty;
      return plan(given, SETTINGS, now).waitsBecause;
    };

    it("outside the window", () => {
      expect(waits(state(), WINDOW_START - 1)).to.equal("no maintenance window is open");
      expect(waits(state(), WINDOW_START + 4 * HOUR)).to.equal("no maintenance window is open");
    });

    for (const activity of ["draining", "deployment", "shortage", "rebalance", "fallback", "returnToSpot"] as const) {
      it(`while there is a ${activity}`, () => {
        expect(waits(state({ goesOn: { ...QUIET, [activity]: true } }))).to.be.a("string");
      });
    }

    it("where one of this window has failed, been cancelled or succeeded", () => {
      for (const status of ["Failed", "Cancelled", "Successful"]) {
        const groups = [group({ refreshes: [record({ status, startedAt: WINDOW_START + MINUTE })] })];
        expect(waits(state({ groups }))).to.equal("the refresh of this window is over");
      }
    });

    it("but not for one of the window before", () => {
      const groups = [group({ refreshes: [record({ status: "Cancelled", startedAt: WINDOW_START - MINUTE })] })];
      expect(kinds(state({ groups }))).to.deep.equal(["start"]);
    });

    it("where the group went back from this AMI, and not from another", () => {
      expect(waits(state({ groups: [group({ refusedImageId: NEW })] }))).to.equal(`the group went back from ${NEW}`);
      expect(kinds(state({ groups: [group({ refusedImageId: OLD })] }))).to.deep.equal(["start"]);
    });
  });

  describe("while a refresh goes on", () => {
    const after = (minutes: number, status = "InProgress"): string[] =>
      kinds(state({ groups: [group({ refreshes: [record({ status, startedAt: NOW - minutes * MINUTE })] })] }));

    it("does nothing until the limit", () => {
      for (const status of ["Pending", "InProgress", "Baking"]) expect(after(179, status)).to.be.empty;
    });

    it("cancels it at the limit, inside the window or not", () => {
      for (const status of ["Pending", "InProgress", "Baking"]) expect(after(180, status)).to.deep.equal(["cancel"]);
      const groups = [group({ refreshes: [record({ startedAt: NOW - 181 * MINUTE })] })];
      expect(kinds(state({ groups, goesOn: undefined }), SETTINGS, NOW + 12 * HOUR)).to.deep.equal(["cancel"]);
    });

    it("leaves one alone that AWS rolls back or cancels already", () => {
      for (const status of ["RollbackInProgress", "Cancelling"]) expect(after(999, status)).to.be.empty;
    });

    it("begins none in another group", () => {
      expect(kinds(state({ groups: [group({ refreshes: [record()] }), group({ name: "other" })] }))).to.be.empty;
    });
  });

  it("remembers the AMI that a group went back from, once", () => {
    const refreshes = [record({ status: "RollbackSuccessful" })];
    const groups = [group({ refreshes })];
    const [refusal] = plan(state({ groups }), SETTINGS, NOW).actions;
    expect(refusal).to.deep.equal({ kind: "refuse", groupName: "shop-group", imageId: NEW });
    expect(kinds(state({ groups: [group({ refreshes, refusedImageId: NEW })] }))).to.be.empty;
  });

  describe("the default version, from which the program's groups launch", () => {
    const current = (version: number) => group({ version, members: members(2, NEW, version) });

    it("follows once every group has come to another one", () => {
      const [action] = plan(state({ groups: [current(2)] }), SETTINGS, NOW).actions;
      expect(action).to.deep.equal({ kind: "setDefault", version: 2 });
      expect(kinds(state({ groups: [current(2), current(1)] }))).to.be.empty;
    });

    it("doesn't go back from one that the program has just made", () => {
      const versions = [{ ...PROGRAM, version: 4 }, COPY, BROUGHT, { ...PROGRAM, isDefault: false }];
      expect(kinds(state({ versions, groups: [current(2)] }))).to.be.empty;
    });

    it("goes back from one of the function's, where the program has put its own version into the group", () => {
      const versions = [COPY, { ...BROUGHT, isDefault: true }, { ...PROGRAM, isDefault: false }];
      expect(kinds(state({ versions, groups: [current(1)] }))).to.deep.equal(["setDefault"]);
    });
  });

  describe("old versions of the template", () => {
    const version = fc.record({
      imageId: fc.constantFrom(OLD, NEW, PARAMETER),
      isMadeHere: fc.boolean(),
    });
    const templates = fc
      .tuple(
        fc.array(version, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.nat(),
        fc.array(fc.nat(), { maxLength: 5 }),
      )
      .map(([made, byDefault, own, used]) => {
        const count = made.length;
        const versions = made.map(({ imageId, isMadeHere }, index): TemplateVersion => ({
          version: index + 1,
          imageId,
          isDefault: index === byDefault % count,
          description: isMadeHere && index > 0 ? "spotproof: x" : "",
        }));
        const instances = used.map((each) => ({ imageId: NEW, version: (each % count) + 1 }));
        return state({ versions, groups: [group({ version: (own % count) + 1, members: instances })] });
      });

    it("go, but never the default, the program's newest, or one that a group or an instance has", () => {
      fc.assert(
        fc.property(templates, (given) => {
          const pruned = plan(given, SETTINGS, NOW).actions.flatMap((each) =>
            each.kind === "prune" ? each.versions : [],
          );
          const program = Math.max(
            ...given.versions.flatMap(({ description, version: each }) => (description === "" ? [each] : [])),
          );
          const used = [
            program,
            ...given.versions.filter(({ isDefault }) => isDefault).map((each) => each.version),
            ...given.groups.flatMap((each) => [each.version, ...each.members.map((member) => member.version)]),
          ];
          for (const each of used) expect(pruned).to.not.include(each);
          const left = given.versions.length - pruned.length;
          expect(left).to.be.at.most(KEPT_VERSIONS + new Set(used).size);
          expect(left).to.be.at.least(Math.min(KEPT_VERSIONS, given.versions.length));
        }),
      );
    });
  });
});
