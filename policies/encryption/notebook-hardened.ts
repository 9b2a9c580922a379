/** A notebook instance is reached and reaches out only as the stage allows, and nobody is root in it. */
import { demand } from "../support/demand.ts";
import { isNative, NOTEBOOK, tokensOf } from "../support/families.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { and } from "../support/show.ts";

type Check = "internet" | "vpc" | "root" | "imds" | "platform";

const notebooks = tokensOf(NOTEBOOK);
const IMDS = "instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion";

export default rule({
  id: "notebook-hardened",
  group: "encryption",
  severity: "high",
  what: "A notebook instance is open to the internet, outside the network, with root access, or on an old platform.",
  why: "A notebook holds a role and data: it is the softest way in.",
  fix: "Close direct internet access, put it into a subnet with security groups, disable root, and demand version 2 of the metadata service.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    internet: "The notebook has direct internet access.",
    vpc: "The notebook is in no subnet, or has no security group.",
    root: "Users are root.",
    imds: "The metadata service answers without a session, so a forged request can fetch the role's credentials.",
    platform: "The platform is not on the stage's list.",
  } satisfies Record<Check, string>,
  outside: [
    {
      source: "Security Hub",
      ids: ["SageMaker.1", "SageMaker.2", "SageMaker.3", "SageMaker.8"],
      note: "the last one is near: its list of platforms is AWS's",
    },
    {
      source: "AWS Config",
      ids: [
        "sagemaker-notebook-no-direct-internet-access",
        "sagemaker-notebook-instance-inside-vpc",
        "sagemaker-notebook-instance-platform-version",
      ],
    },
    { source: "cdk-nag", ids: ["AwsSolutions-SM1", "AwsSolutions-SM3"] },
    { source: "checkov", ids: ["CKV_AWS_122", "CKV_AWS_306", "CKV_AWS_307", "CKV_AWS_371"] },
    {
      source: "prowler",
      ids: [
        "sagemaker_notebook_instance_without_direct_internet_access_configured",
        "sagemaker_notebook_instance_vpc_settings_configured",
        "sagemaker_notebook_instance_root_access_disabled",
      ],
    },
  ],
  settings: ["notebookNetwork", "notebookPlatforms"],
  resource: {
    reads: allReads(reads(notebooks, "directInternetAccess", "subnetId", "rootAccess", IMDS, "platformIdentifier"), {
      [NOTEBOOK.native]: ["securityGroupIds"],
      [NOTEBOOK.classic]: ["securityGroups"],
    }),
    judge(subject, { settings, report }) {
      const is = (wanted: string) => (value: unknown) => value === wanted;
      if (settings.notebookNetwork === "vpc") {
        const closed = '"Disabled"';
        const fix = "Disable it, and reach AWS's services through endpoints of the network.";
        const internet = subject.one("directInternetAccess");
        demand(internet, { check: "internet", limit: closed, fix, holds: is("Disabled") }, report);

        const inside = "Put the notebook into the stage's network.";
        const isText = (value: unknown) => typeof value === "string" && value !== "";
        const subnet = subject.one("subnetId");
        demand(subnet, { check: "vpc", limit: "a subnet", fix: inside, holds: isText }, report);
        const groups = subject.one(isNative(subject.type) ? "securityGroupIds" : "securityGroups");
        const holds = (value: unknown) => Array.isArray(value) && value.length > 0;
        demand(groups, { check: "vpc", limit: "at least one security group", fix: inside, holds }, report);
      }
      const root = "Disable it; lifecycle scripts still run as root.";
      const access = subject.one("rootAccess");
      demand(access, { check: "root", limit: '"Disabled"', fix: root, holds: is("Disabled") }, report);

      const version = subject.one(IMDS);
      const session = "Set it, so that the metadata service answers only in a session.";
      demand(version, { check: "imds", limit: '"2"', fix: session, holds: is("2") }, report);

      // Absent means notebook-al2023-v1 (SageMaker API reference, CreateNotebookInstance), which is supported.
      const platforms = settings.notebookPlatforms;
      const limit = `${platforms.length > 1 ? "one of " : ""}${and(platforms)}`;
      const fix = "Take a platform that is still patched, or leave it out.";
      const holds = (value: unknown) => platforms.some((allowed) => allowed === value);
      demand(subject.one("platformIdentifier"), { check: "platform", limit, fix, holds, optional: true }, report);
    },
  },
});
