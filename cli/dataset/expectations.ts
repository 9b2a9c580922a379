/** Reads what a stage expects of a dataset, from the stage's parameters. */
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { DatasetExpectations } from "../../contracts/expectations.ts";
import { datasetParameterName } from "../../contracts/parameters.ts";
import { UserError } from "../stage.ts";

/** The expectations, or undefined where the stage declares none for this dataset. */
export async function loadExpectations(
  ssm: SSMClient,
  stage: string,
  dataset: string,
): Promise<DatasetExpectations | undefined> {
  const name = datasetParameterName(stage, dataset);
  try {
    const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
    return DatasetExpectations.parse(JSON.parse(parameter?.Value ?? ""));
  } catch (error) {
    if ((error as Error).name === "ParameterNotFound") return undefined;
    if ((error as Error).name === "ZodError" || error instanceof SyntaxError) {
      throw new UserError(
        `${name} does not hold this version's expectations (${(error as Error).message}); deploy the stage with the checkout that this command is from`,
      );
    }
    throw error;
  }
}
