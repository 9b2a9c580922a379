"""SageMaker from Step Functions: optimised `sagemaker:create*` and SDK `aws-sdk:sagemaker*` integrations.

MiniStack has no SageMaker. The calls go by botocore to the SageMaker stand-in (AWS_ENDPOINT_URL_SAGEMAKER, read at each
call), signed with a session of the state machine's role, so the stand-in judges the role as AWS does. botocore's own
models refuse unknown, missing and wrongly typed parameters before anything is sent.
"""

from __future__ import annotations

import datetime
import json
import os
import re
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.response import StreamingBody
from ministack.core.responses import get_region
from ministack.services import stepfunctions as sfn

from rehearsal.states import caller, errors, scope

_OPTIMISED = "arn:aws:states:::sagemaker:"
_SDK = "arn:aws:states:::aws-sdk:"
_SDK_SERVICES = {"sagemaker": "sagemaker", "sagemakerruntime": "sagemaker-runtime"}
_ENDPOINTS = {"sagemaker": "AWS_ENDPOINT_URL_SAGEMAKER", "sagemaker-runtime": "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"}

# What each optimised call supports (AWS, "Create and manage Amazon SageMaker AI jobs with Step Functions").
WITH_SYNC = frozenset({"createTrainingJob", "createTransformJob", "createProcessingJob"})
OPTIMISED = WITH_SYNC | {"createModel", "createEndpointConfig", "createEndpoint", "updateEndpoint"}

_botocore = botocore.session.Session()


def owns(resource: str) -> bool:
    """Whether a Task resource is SageMaker's, supported or not."""
    return resource.startswith(_OPTIMISED) or (
        resource.startswith(_SDK) and resource[len(_SDK):].split(":")[0].lower() in _SDK_SERVICES)


def unsupported(resource: str) -> bool:
    """Whether AWS (or this rehearsal) has no such SageMaker integration."""
    if resource.startswith(_OPTIMISED):
        operation, _, pattern = resource[len(_OPTIMISED):].partition(".")
        return operation not in (WITH_SYNC if pattern == "sync" else OPTIMISED) or pattern not in ("", "sync")
    service, _, operation = resource[len(_SDK):].partition(":")
    model = _botocore.get_service_model(_SDK_SERVICES[service.lower()])
    return operation[:1].isupper() or _pascal(operation) not in model.operation_names


def invoke(resource: str, arguments: Any) -> Any:
    """Perform the Task's call and return what AWS returns as its result. Raises MiniStack's _ExecutionError."""
    if unsupported(resource):
        raise sfn._ExecutionError("States.Runtime", f"The resource provided {resource} is not recognized.")
    if resource.startswith(_OPTIMISED):
        operation, _, pattern = resource[len(_OPTIMISED):].partition(".")
        if pattern == "sync":
            from rehearsal.states import jobs

            return jobs.run(operation, arguments)
        return call("sagemaker", operation, arguments, optimised=True)
    service, _, operation = resource[len(_SDK):].partition(":")
    return call(_SDK_SERVICES[service.lower()], operation, arguments, optimised=False)


def call(service: str, operation: str, arguments: Any, optimised: bool) -> dict[str, Any]:
    """One API call under the role. Optimised integrations also report the HTTP exchange, as AWS's do."""
    parameters = _parameters(service, arguments)
    try:
        response = getattr(_client(service), xform_name(_pascal(operation)))(**parameters)
    except ParamValidationError as fault:
        raise sfn._ExecutionError("States.Runtime", _invalid(arguments, str(fault.kwargs["report"]))) from None
    except ClientError as failure:
        raise _failure(service, failure, optimised) from None
    except BotoCoreError as failure:
        prefix = "SageMaker" if service == "sagemaker" else "SageMakerRuntime"
        raise sfn._ExecutionError(f"{prefix}.SdkClientException", str(failure)) from None
    exchange = response.pop("ResponseMetadata", {})
    result = plain(response, optimised)
    if optimised and not operation.startswith("describe"):
        result["SdkHttpMetadata"] = {"HttpStatusCode": exchange.get("HTTPStatusCode", 200)}
        result["SdkResponseMetadata"] = {"RequestId": exchange.get("RequestId", "")}
    return result


def _client(service: str) -> Any:
    endpoint = os.environ.get(_ENDPOINTS[service]) or os.environ.get("AWS_ENDPOINT_URL_SAGEMAKER")
    if not endpoint:
        raise sfn._ExecutionError("States.Runtime", f"{_ENDPOINTS[service]} is not set: no SageMaker stand-in runs.")
    session = caller.session()
    return _botocore.create_client(
        service, region_name=get_region(), endpoint_url=endpoint, aws_access_key_id=session.access_key,
        aws_secret_access_key=session.secret_key, aws_session_token=session.token,
        # The definition's own Retry decides about repetition; 65 s is just above InvokeEndpoint's 60.
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=65, proxies={}))


def _pascal(operation: str) -> str:
    return operation[:1].upper() + operation[1:]


def _parameters(service: str, arguments: Any) -> dict[str, Any]:
    if not isinstance(arguments, dict):
        raise sfn._ExecutionError("States.Runtime", _invalid(arguments, "the parameters must be a JSON object"))
    body = arguments.get("Body")
    if service == "sagemaker-runtime" and body is not None and not isinstance(body, str):
        # AWS's samples give InvokeEndpoint's Body as an object; a string is sent as it stands (assumed).
        return {**arguments, "Body": json.dumps(body)}
    return _whole(arguments)


def _whole(value: Any) -> Any:
    """JSONata in Python yields 1.0 where JSON and AWS say 1."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


_FAULTS = (
    (re.compile(r'Unknown parameter in (?P<where>\S+): "(?P<field>[^"]+)"'), "is not supported by Step Functions"),
    (re.compile(r'Missing required parameter in (?P<where>\S+): "(?P<field>[^"]+)"'), "is required but was missing"),
    (re.compile(r"Invalid (?:type|length|range) (?:of value )?for parameter (?P<where>)(?P<field>[^,]+),"),
     "has an invalid format"),
)


def _invalid(arguments: Any, report: str) -> str:
    """AWS's Cause for parameters that do not fit the API.

    Frame and "is required but was missing" / "has an invalid format" as recorded in executions on AWS; AWS refuses most
    unknown fields already at CreateStateMachine, with the words used here.
    """
    faults = []
    for line in report.splitlines():
        for pattern, text in _FAULTS:
            if found := pattern.match(line.strip()):
                where = "" if found["where"] in ("", "input") else f"{found['where']}."
                faults.append(f"The field '{where}{found['field']}' {text}")
                break
        else:
            faults.append(line.strip())
    task = scope.task.get()
    place = f"'{task.state}' (entered at the event id #{task.entered_event})" if task else "'?'"
    given = json.dumps(arguments, separators=(",", ":"), default=str)
    return (f"An error occurred while executing the state {place}. The Parameters '{given}' could not be used to "
            f"start the Task: [{', '.join(faults)}]")


def _failure(service: str, failure: ClientError, optimised: bool) -> sfn._ExecutionError:
    code, message = failure.response["Error"]["Code"], failure.response["Error"].get("Message", "")
    exchange = failure.response.get("ResponseMetadata", {})
    status, request = exchange.get("HTTPStatusCode", 400), exchange.get("RequestId")
    if optimised:
        family = errors.OPTIMISED["sagemaker"]
        return sfn._ExecutionError(errors.optimised_name(family, code),
                                   errors.optimised_cause(family, message, code, status, request))
    name = service.replace("-", "")
    return sfn._ExecutionError(errors.sdk_name(name, code), errors.sdk_cause(name, message, status, request))


def plain(value: Any, optimised: bool) -> Any:
    """A response as JSON.

    Optimised integrations give times as epoch milliseconds (seen in recorded `.sync` outputs of AWS samples:
    `"CompletionDateTime": 1674054596798`), SDK integrations as ISO 8601 text. Streams become text.
    """
    if isinstance(value, dict):
        return {key: plain(item, optimised) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, optimised) for item in value]
    if isinstance(value, datetime.datetime):
        if optimised:
            return round(value.timestamp() * 1000)
        return value.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, StreamingBody):
        value = value.read()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
