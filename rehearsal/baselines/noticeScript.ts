/**
 * The script of a team that ran one or two Spot Instances in each of its Regions: every 5 s it asks the instance's metadata for a
 * notice; then it drains its own container instance and asks the group for one instance more, which is launched at once. The
 * interrupted one is replaced as well, so one is too many until managed scaling ends it.
 */
export const NOTICE_SCRIPT: readonly string[] = [
  "cat > /usr/local/bin/notice.sh <<'SCRIPT'",
  "#!/bin/bash",
  "metadata=http://169.254.169.254/latest",
  "token() { curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $metadata/api/token; }",
  'until curl -sf -H "X-aws-ec2-metadata-token: $(token)" http://169.254.169.254/latest/meta-data/spot/instance-action; do',
  "  sleep 5",
  "done",
  'instance=$(curl -sf -H "X-aws-ec2-metadata-token: $(token)" $metadata/meta-data/instance-id)',
  "agent=$(curl -sf http://localhost:51678/v1/metadata)",
  `cluster=$(echo "$agent" | jq -r .Cluster)`,
  `aws ecs update-container-instances-state --cluster "$cluster" --container-instances "$(echo "$agent" | jq -r .ContainerInstanceArn)" --status DRAINING`,
  `group=$(aws autoscaling describe-auto-scaling-instances --instance-ids "$instance" --query 'AutoScalingInstances[0].AutoScalingGroupName' --output text)`,
  `desired=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$group" --query 'AutoScalingGroups[0].DesiredCapacity' --output text)`,
  'aws autoscaling set-desired-capacity --auto-scaling-group-name "$group" --desired-capacity $((desired + 1))',
  "SCRIPT",
  "chmod +x /usr/local/bin/notice.sh",
  "nohup /usr/local/bin/notice.sh >/dev/null 2>&1 &",
];
