/**
 * Which container images the stand-in can stand in for. It has no Docker: it knows the contract of AWS's scikit-learn
 * container (script mode for training, the toolkit's handlers for serving) and plain Python commands.
 * Another framework container is added here and in python/.
 */

/** Said in every refusal, so that the reader knows where to go. */
export const EXTEND_AT = "local/sagemaker/run/images.ts";

/** The repository's name in an image URI: `….dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3` gives `sagemaker-scikit-learn`. */
export function repositoryName(image: string): string {
  const last = image.split("/").at(-1) ?? image;
  return last.split("@")[0]?.split(":")[0] ?? last;
}

export function isScikitLearn(image: string): boolean {
  return repositoryName(image) === "sagemaker-scikit-learn";
}

const PYTHON = /^(?:.*\/)?python(?:3(?:\.\d+)?)?$/;

/** Whether a container entry point starts Python, by any path or version. */
export function isPython(command: string | undefined): boolean {
  return command !== undefined && PYTHON.test(command);
}

/** The failure of a job or model whose image cannot be run here. At most 1,024 characters. */
export function unsupportedImage(image: string, what: string): string {
  return `ClientError: the local SageMaker cannot run image ${image} for ${what}: it stands in for sagemaker-scikit-learn and for containers whose entry point is python. Extend ${EXTEND_AT} to add another.`.slice(
    0,
    1024,
  );
}
