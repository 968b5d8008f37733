/** Images that are built from a folder. */
import { actions, namedArn, type Rows } from "./actions";

const ecr = (names: string): string[] => actions("ecr", names);

const REPOSITORY = [namedArn("ecr", "repository/NAME-*")];

export const IMAGES: Rows = {
  "aws:ecr/repository:Repository": {
    resources: REPOSITORY,
    create: ecr("CreateRepository TagResource"),
    read: ecr("DescribeRepositories ListTagsForResource"),
    update: ecr("PutImageScanningConfiguration PutImageTagMutability UntagResource"),
    delete: ecr("DeleteRepository"),
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    resources: REPOSITORY,
    create: ecr("PutLifecyclePolicy"),
    read: ecr("GetLifecyclePolicy"),
    delete: ecr("DeleteLifecyclePolicy"),
  },
  "docker-build:index:Image": {
    resources: REPOSITORY,
    create: ecr("BatchCheckLayerAvailability CompleteLayerUpload InitiateLayerUpload PutImage UploadLayerPart"),
    read: ecr("BatchGetImage GetAuthorizationToken GetDownloadUrlForLayer"),
    delete: [],
  },
};
