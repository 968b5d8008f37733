import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { changes, leastServing, steps, succeeded } from "./support/outcomes";

const TASKS = 6;

describe("a change of a running stack", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ stack: "prod" });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  const CHANGES: Readonly<Record<string, { readonly config: object; readonly steps: string[] }>> = {
    "of the AMI makes a new template version, to which the group is refreshed": {
      config: { amiId: "ami-0123456789abcdef0" },
      steps: [
        "update aws:ec2/launchTemplate:LaunchTemplate spotproof-template",
        "update aws:autoscaling/group:Group spotproof-group",
        // Its rights are on the AMI that the template has.
        "update aws:iam/rolePolicy:RolePolicy spotproof-refresh-policy",
      ],
    },
    "of the instance types updates the group in place": {
      config: { instanceTypes: ["m6i.large", "m6a.large", "m7i.large", "m7a.large"] },
      steps: ["update aws:autoscaling/group:Group spotproof-group"],
    },
    "of the container image makes a new task definition, to which the service is updated in place": {
      config: { image: "public.ecr.aws/nginx/nginx:1.29.4" },
      steps: [
        "create-replacement aws:ecs/taskDefinition:TaskDefinition web-task",
        "replace aws:ecs/taskDefinition:TaskDefinition web-task",
        "update aws:ecs/service:Service web",
        "delete-replaced aws:ecs/taskDefinition:TaskDefinition web-task",
      ],
    },
    "of the stop timeout reaches the agents, the containers and the drain function": {
      config: { stopTimeoutSeconds: 50 },
      steps: [
        "update aws:ec2/launchTemplate:LaunchTemplate spotproof-template",
        "create-replacement aws:ecs/taskDefinition:TaskDefinition web-task",
        "replace aws:ecs/taskDefinition:TaskDefinition web-task",
        "update aws:autoscaling/group:Group spotproof-group",
        "update aws:lambda/function:Function spotproof-drain",
        "update aws:ecs/service:Service web",
        "delete-replaced aws:ecs/taskDefinition:TaskDefinition web-task",
      ],
    },
    "of what is made of recommendations adds a rule, and changes the queue's policy and the drain function in place": {
      config: { rebalanceRecommendations: "hint" },
      steps: [
        "create aws:cloudwatch/eventRule:EventRule spotproof-recommendation",
        "update aws:sqs/queuePolicy:QueuePolicy spotproof-events-policy",
        "create aws:cloudwatch/eventTarget:EventTarget spotproof-recommendation",
        "update aws:iam/rolePolicy:RolePolicy spotproof-drain-policy",
        "update aws:lambda/function:Function spotproof-drain",
        "update aws:cloudwatch/dashboard:Dashboard spotproof-dashboard",
      ],
    },
    "to an internal load balancer makes one, with a target group and a service of its own, beside the old one": {
      config: { internal: true },
      steps: [
        "create-replacement aws:lb/loadBalancer:LoadBalancer web-alb",
        "replace aws:lb/loadBalancer:LoadBalancer web-alb",
        "create-replacement aws:lb/targetGroup:TargetGroup web-targets",
        "replace aws:lb/targetGroup:TargetGroup web-targets",
        "create-replacement aws:lb/listener:Listener web-https",
        "replace aws:lb/listener:Listener web-https",
        "create-replacement aws:lb/listener:Listener web-http",
        "replace aws:lb/listener:Listener web-http",
        "create-replacement aws:ecs/service:Service web",
        "replace aws:ecs/service:Service web",
        "update aws:cloudwatch/metricAlarm:MetricAlarm web-elb-5xx",
        "update aws:cloudwatch/metricAlarm:MetricAlarm web-target-5xx",
        "update aws:cloudwatch/metricAlarm:MetricAlarm web-too-few-tasks",
        "update aws:cloudwatch/dashboard:Dashboard spotproof-dashboard",
        "delete-replaced aws:ecs/service:Service web",
        "delete-replaced aws:lb/listener:Listener web-http",
        "delete-replaced aws:lb/listener:Listener web-https",
        "delete-replaced aws:lb/targetGroup:TargetGroup web-targets",
        "delete-replaced aws:lb/loadBalancer:LoadBalancer web-alb",
      ],
    },
  };
  for (const [what, { config, steps: expected }] of Object.entries(CHANGES)) {
    it(what, async () => {
      deployment.configure({ ...config });
      const up = succeeded(await deployment.up());
      expect(steps(up)).to.have.members(expected);
      expect(leastServing(up)).to.equal(TASKS);
      expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
    });
  }
});
