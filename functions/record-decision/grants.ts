import { allow, arnOf, type Scope, type Statement } from "../../contracts/iam.ts";
import { announceGrants } from "../shared/approval-grants.ts";

export interface RecordDecisionRefs extends Scope {
  modelPackageGroup: string;
  approvalsTableArn: string;
}

/** What RecordDecision may do. It alone may set a status, and only one that ends the waiting. */
export function grants(refs: RecordDecisionRefs): Statement[] {
  const packages = arnOf(refs, "sagemaker", `model-package/${refs.modelPackageGroup}/*`);
  return [
    allow("ReadPackage", "sagemaker:DescribeModelPackage", packages),
    allow("DecidePackage", "sagemaker:UpdateModelPackage", packages, {
      StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] },
    }),
    allow("CloseRequest", ["dynamodb:GetItem", "dynamodb:UpdateItem"], refs.approvalsTableArn),
    announceGrants(refs),
  ];
}
