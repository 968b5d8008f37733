import { expect } from "chai";
import { makeStage } from "../world/support";
import { caller, errorOf, type Call } from "./caller";

const ofGroup = { ResourceId: "group", ResourceType: "auto-scaling-group" } as const;
const tag = (Key: string, Value: string) => ({ ...ofGroup, Key, Value, PropagateAtLaunch: false });

const put = (call: Call, ...Tags: object[]) => call("auto-scaling", "CreateOrUpdateTags", { Tags });

async function read(call: Call, ...keys: string[]): Promise<unknown> {
  const Filters = [
    { Name: "auto-scaling-group", Values: ["group"] },
    { Name: "key", Values: keys },
  ];
  const { output } = await call("auto-scaling", "DescribeTags", { Filters });
  return (output!.Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]);
}

describe("API: tags of Auto Scaling groups", () => {
  it("are put on, changed, and taken off", async () => {
    const call = caller(await makeStage());
    await put(call, tag("a", "1"), tag("b", "2"));
    await put(call, tag("a", "3"));
    expect(await read(call, "a", "b")).to.deep.equal([
      ["a", "3"],
      ["b", "2"],
    ]);
    await call("auto-scaling", "DeleteTags", { Tags: [{ ...ofGroup, Key: "a" }] });
    expect(await read(call, "a", "b")).to.deep.equal([["b", "2"]]);
  });

  it("stay where DeleteTags gives another value than theirs", async () => {
    const call = caller(await makeStage());
    await put(call, tag("a", "1"));
    await call("auto-scaling", "DeleteTags", { Tags: [tag("a", "0")] });
    expect(await read(call, "a")).to.deep.equal([["a", "1"]]);
  });

  it("are told with the group, the declared ones too", async () => {
    const call = caller(await makeStage());
    await put(call, tag("a", "1"));
    const { output } = await call("auto-scaling", "DescribeAutoScalingGroups", { AutoScalingGroupNames: ["group"] });
    const [group] = output!.AutoScalingGroups as { Tags: { Key: string }[] }[];
    expect(group!.Tags.map(({ Key }) => Key)).to.deep.equal(["spotproof:cluster", "a"]);
  });

  it("are at most 50 on a group", async () => {
    const call = caller(await makeStage());
    const many = Array.from({ length: 50 }, (_, index) => tag(`tag-${index}`, ""));
    expect(await errorOf(put(call, ...many))).to.equal("LimitExceeded");
  });

  it("are refused with a key that is too long, and of a group that isn't there", async () => {
    const call = caller(await makeStage());
    expect(await errorOf(put(call, tag("k".repeat(129), "")))).to.equal("InvalidParameterException");
    expect(await errorOf(put(call, { ...tag("a", ""), ResourceId: "other" }))).to.equal("ValidationError");
  });

  it("are put on by a role that may put on no others", async () => {
    const stage = await makeStage();
    const Resource = stage.world.groups.get("group")!.spec.arn;
    const Condition = { "ForAllValues:StringLike": { "aws:TagKeys": "spotproof:*" } };
    const call = caller(stage, [{ Effect: "Allow", Action: "autoscaling:CreateOrUpdateTags", Resource, Condition }]);
    expect(await errorOf(put(call, tag("spotproof:fallback", "2")))).to.equal(undefined);
    expect(await errorOf(put(call, tag("spotproof:fallback", "2"), tag("b", "2")))).to.equal("AccessDeniedException");
  });
});
