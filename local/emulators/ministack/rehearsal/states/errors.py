"""Error names as Step Functions gives them, and which of them `States.ALL` catches.

MiniStack passes service error codes on; AWS renames them by the Java SDK's exception classes, version 1 for optimised
integrations and version 2 for SDK integrations. Workflows match these names in Retry and Catch, so they must be exact.
"""

from __future__ import annotations

import functools
import uuid
from dataclasses import dataclass

import botocore.session
from ministack.services import stepfunctions as sfn


@dataclass(frozen=True)
class Family:
    """How one integration names its errors."""

    prefix: str
    generic: str
    """The class of every error the service does not model, access denied and validation among them."""
    model: str
    """botocore's service name, whose model lists the errors that have a class of their own."""
    sdk_name: str
    """The service as the Cause spells it."""


# Optimised integrations. Prefix and generic name of lambda, dynamodb, sns and sagemaker are in AWS's samples and in
# recorded executions; those of sqs, events and states follow the same SDK class naming but were not seen.
OPTIMISED: dict[str, Family] = {
    "dynamodb": Family("DynamoDB", "AmazonDynamoDBException", "dynamodb", "AmazonDynamoDBv2"),
    "events": Family("EventBridge", "AmazonEventBridgeException", "events", "AmazonEventBridge"),
    "lambda": Family("Lambda", "AWSLambdaException", "lambda", "AWSLambda"),
    "sagemaker": Family("SageMaker", "AmazonSageMakerException", "sagemaker", "AmazonSageMaker"),
    "sns": Family("SNS", "AmazonSNSException", "sns", "AmazonSNS"),
    "sqs": Family("SQS", "AmazonSQSException", "sqs", "AmazonSQS"),
    "states": Family("StepFunctions", "AWSStepFunctionsException", "stepfunctions", "AWSStepFunctions"),
}

# SDK integrations whose ARN name is not botocore's; any other service is looked up by its own name.
_BOTOCORE = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs",
             "sagemakerruntime": "sagemaker-runtime", "rdsdata": "rds-data"}
_SDK_PREFIX = {"sagemaker": "SageMaker", "sagemakerruntime": "SageMakerRuntime"}

_NEVER_CAUGHT_BY_WILDCARD = frozenset({"States.DataLimitExceeded", "States.Runtime"})

_service_models = botocore.session.Session()


@functools.cache
def _modelled(service: str) -> dict[str, str]:
    """Error code and shape name -> SDK class, for the errors a service's model declares."""
    try:
        shapes = _service_models.get_service_model(service).error_shapes
    except Exception:  # a service botocore does not know has no classes of its own
        return {}
    classes: dict[str, str] = {}
    for shape in shapes:
        classes[shape.name] = classes[shape.error_code] = _class_name(shape.name)
    return classes


def _class_name(shape: str) -> str:
    """The Java SDK's class for an error shape: `ResourceInUse` -> ResourceInUseException, `XFault` -> XException."""
    stem = shape[:-5] if shape.endswith("Fault") else shape
    stem = stem[:-9] if stem.endswith("Exception") else stem
    return f"{stem[0].upper()}{stem[1:]}Exception"


def optimised_name(family: Family, code: str) -> str:
    """`SageMaker.ResourceLimitExceededException` when modelled, else `SageMaker.AmazonSageMakerException`."""
    return f"{family.prefix}.{_modelled(family.model).get(_bare(code), family.generic)}"


def sdk_name(service: str, code: str) -> str:
    """`Ssm.ParameterNotFoundException` when modelled, else `Ssm.SsmException`. `service` as in the resource ARN."""
    prefix = _SDK_PREFIX.get(service) or sfn._AWS_SDK_ERROR_PREFIX.get(service, service.capitalize())
    return f"{prefix}.{_modelled(_BOTOCORE.get(service, service)).get(_bare(code), f'{prefix}Exception')}"


def _bare(code: str) -> str:
    return code.rsplit("#", 1)[-1]


def optimised_cause(family: Family, message: str, code: str, status: int, request_id: str | None = None) -> str:
    """A Cause in the words of SDK version 1, as optimised integrations report it."""
    return (f"{message} (Service: {family.sdk_name}; Status Code: {status}; Error Code: {_bare(code)}; "
            f"Request ID: {request_id or uuid.uuid4()}; Proxy: null)")


def sdk_cause(service: str, message: str, status: int, request_id: str | None = None) -> str:
    """A Cause in the words of SDK version 2, as SDK integrations report it."""
    prefix = _SDK_PREFIX.get(service) or sfn._AWS_SDK_ERROR_PREFIX.get(service, service.capitalize())
    return f"{message} (Service: {prefix}, Status Code: {status}, Request ID: {request_id or uuid.uuid4()})"


def matches(error_equals: list[str], error: str) -> bool:
    """Whether a Retry's or Catch's ErrorEquals covers this error.

    `States.Runtime` ends the execution whatever is written. `States.DataLimitExceeded` is caught by its own name only
    (AWS, "Handling errors in Step Functions workflows"). A missed heartbeat is also a `States.Timeout` there.
    """
    if error == "States.Runtime":
        return False
    if error in error_equals:
        return True
    if error in _NEVER_CAUGHT_BY_WILDCARD:
        return False
    if "States.ALL" in error_equals:
        return True
    if error == "States.HeartbeatTimeout" and "States.Timeout" in error_equals:
        return True
    return "States.TaskFailed" in error_equals and error != "States.Timeout"


def _prefixed(original):  # type: ignore[no-untyped-def]
    def prefix_sdk_error(service_name: str, error_code: str) -> str:
        if error_code.startswith("States.") or not _modelled(_BOTOCORE.get(service_name, service_name)):
            return original(service_name, error_code)
        return sdk_name(service_name, error_code)

    return prefix_sdk_error


def install() -> None:
    sfn._error_matches = matches
    sfn._prefix_sdk_error = _prefixed(sfn._prefix_sdk_error)
