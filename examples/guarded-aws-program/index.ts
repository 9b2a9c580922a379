/** Declares the estate in the variant that `pulumi config set variant` names. */
import * as pulumi from "@pulumi/pulumi";
import { declare, type Variant } from "./estate.ts";

declare(new pulumi.Config("guarded").require<Variant>("variant"));
