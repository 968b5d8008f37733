/** A cluster of defaults whose template a key of the configuration changes. */
import * as pulumi from "@pulumi/pulumi";
import { SpotCluster } from "../../../components/spotCluster";
import { SHOP } from "./shop";

const rootVolumeSizeGiB = new pulumi.Config("spotproof").getNumber("rootVolumeSizeGiB") ?? 30;

new SpotCluster("shop", { ...SHOP, refresh: "auto", rootVolumeSizeGiB });
