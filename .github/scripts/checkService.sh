#!/usr/bin/env bash
# checkService.sh: fails unless the newest deployment of the stack's service succeeds and its URL answers.
# Reads PULUMI_STACK, and HEALTH_URL where the certificate names another host than the load balancer's.
set -euo pipefail

TRIES=80
PAUSE_SECONDS=15

output() { pulumi stack output "$1" --stack "$PULUMI_STACK"; }

cluster=$(output clusterName)
service=$(output serviceName)
url=${HEALTH_URL:-$(output url)}

status=none
for ((try = 1; try <= TRIES; try++)); do
  status=$(aws ecs list-service-deployments --cluster "$cluster" --service "$service" \
    --query 'sort_by(serviceDeployments, &createdAt)[-1].status' --output text)
  case $status in
    SUCCESSFUL) break ;;
    # The circuit breaker puts back what ran before, so that a failed deployment ends with a healthy service.
    ROLLBACK_* | STOPPED | STOP_REQUESTED) break ;;
  esac
  sleep "$PAUSE_SECONDS"
done
if [ "$status" != SUCCESSFUL ]; then
  echo "The deployment of $service is $status, not SUCCESSFUL. Its events say why:" >&2
  aws ecs describe-services --cluster "$cluster" --services "$service" --query 'services[0].events[:5].message' \
    --output text >&2
  exit 1
fi

curl --fail --silent --show-error --location --max-time 10 --retry 12 --retry-delay 10 --retry-all-errors \
  --output /dev/null "$url"
echo "$service is deployed, and $url answers."
