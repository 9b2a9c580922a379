"""The MiniStack version these repairs belong to, and every private name they touch.

A repair that silently no longer applies is worse than a refusal to start: the rehearsal would show a permission as
granted which AWS denies. So each name, and the parameters it is called with, is checked before anything is served.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect

VERSION = "1.5.33"

_ANY = None
"""Names whose parameters do not matter: data, or functions that are only passed through."""

NAMES: dict[str, dict[str, tuple[str, ...] | None]] = {
    "ministack.app": {
        "_enforce_data_plane": _ANY,
        "_enforce_execute_api": (
            "api_id", "stage", "method", "execute_path", "headers", "query_params", "iam_action"),
        "_execute_api_authorization_type": ("api_id", "stage", "method", "execute_path"),
        "_get_module": ("name",),
        "_enforce_ses_v2": ("method", "path", "headers", "body", "query_params", "request_id"),
        "AUTH": _ANY,
        "extract_region": _ANY,
        "app": ("scope", "receive", "send"),
        "main": (),
        "pin_request_origin": ("source_ip", "secure_transport"),
        "call_service_handler_sync": ("handler", "method", "path", "headers", "body", "query_params", "timeout"),
    },
    "ministack.core.arn": {"ArnParseError": _ANY, "parse_arn": ("value",)},
    "ministack.core.iam_actions": {
        "_auth_failure": ("service", "code", "message", "headers"),
        "_resource_policy_denial": ("service", "action", "principal_arn", "resource_arn"),
        "SERVICE_TO_IAM_NAMESPACE": _ANY,
        "dynamodb_service_context": ("body",),
        "extract_iam_action": ("service", "method", "path", "headers", "body", "query_params"),
        "extract_resource_arn": (
            "service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
        "identity_denial_message": ("action", "principal_arn", "resource", "explicit_deny"),
        "request_tag_context": ("service", "iam_action", "body", "params"),
        "s3_service_context": ("iam_action", "query_params", "path", "headers"),
    },
    "ministack.core.iam_evaluator": {
        "_action_matches": ("request_action", "actions", "not_actions"),
        "_anonymous": _ANY,
        "_conditions_met": ("conditions", "ctx"),
        "_first_match": ("ctx", "stmts", "effect"),
        "_request_origin": _ANY,
        "_resolve_condition_key": ("key", "ctx"),
        "_service_principal_matches": ("principal", "service"),
        "_signed_request": _ANY,
        "AuthError": _ANY,
        "EvalContext": _ANY,
        "EvalResult": _ANY,
        "enforce": ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"),
        "evaluate_resource_policy": ("doc", "ctx", "service", "named_only", "direct_only"),
        "is_root_access_key": ("access_key_id",),
        "pin_request_origin": ("source_ip", "secure_transport"),
        "pin_signed_body": ("body",),
        "pin_signed_request": ("method", "raw_path", "query_params", "raw_headers", "handshake"),
        "resolve_principal": ("access_key_id", "account_id", "credential"),
    },
    "ministack.core.lambda_runtime": {
        "Worker": _ANY, "_NODEJS_WORKER_SCRIPT": _ANY, "_PYTHON_WORKER_SCRIPT": _ANY},
    "ministack.core.responses": {
        "error_response_json": _ANY,
        "get_account_id": (),
        "get_region": (),
        "json_response": _ANY,
        "new_uuid": (),
        "now_iso": (),
        "set_request_account_id": ("access_key_id",),
        "set_request_region": ("region",),
    },
    "ministack.services.cloudformation.provisioners": {
        "_RESOURCE_HANDLERS": _ANY,
        "_sfn_definition": ("props",),
        "_sfn_state_machine_create": ("logical_id", "props", "stack_name"),
    },
    "ministack.services.apigateway": {
        "_extract_lambda_ref_from_integration_uri": ("uri",),
        "find_api_scope": ("api_id",),
        "_invoke_lambda_proxy": (
            "integration", "api_id", "stage", "path", "method", "headers", "body", "query_params", "route_key",
            "path_params", "authorizer_claims", "authorizer_scopes", "authorizer_lambda_context", "authorizer_iam",
            "owner_account_id", "owner_region", "raw_query_string"),
    },
    "ministack.services.cloudwatch": {
        "_dispatch_alarm_actions": ("alarm", "old_state", "new_state", "reason"),
        "record_metric": ("namespace", "metric_name", "value", "unit", "dimensions"),
    },
    "ministack.services.cloudwatch_logs": {
        "_create_log_group": ("data",),
        "_delete_log_group": ("data",),
        "_describe_log_groups": ("data",),
        "_log_groups": _ANY,
        "handle_request": ("method", "path", "headers", "body", "query_params"),
    },
    "ministack.services.eventbridge": {
        "_dispatch_to_lambda": ("arn", "payload"),
        "_invoke_target": ("target", "event", "rule", "view"),
        "_pattern_event_view": ("event",),
        "_put_events": ("data", "allow_aws_source"),
    },
    "ministack.services.iam": {
        "_gen_secret": (), "_gen_session_access_key": (), "_gen_session_token": (), "_roles": _ANY},
    "ministack.services.kms": {"_aliases": _ANY, "_resolve_key": ("key_id_or_arn",)},
    "ministack.services.lambda_svc": {
        "_execute_function_warm": ("func", "event", "request_id"),
        "_execution_record_for_config": ("func", "config"),
        "_functions": _ANY,
        "_get_func_record_for_ref": ("function_ref",),
        "_route_async_failure": ("target_arn", "func_name", "event", "result"),
        "function_policy_for_arn": ("resource_arn",),
        "invoke_async_with_retry": ("func", "event"),
    },
    "ministack.services.s3": {
        "_bucket_default_sse_headers": ("bucket_name",),
        "_bucket_encryption": _ANY,
        "_check_put_preconditions": ("headers", "existing_obj"),
        "_copy_object": ("bucket_name", "dest_key", "headers"),
        "_ensure_bucket": _ANY,
        "_multipart_uploads": _ANY,
        "_qp": ("params", "key", "default"),
        "_resolve_part_checksums": ("body", "headers", "upload"),
        "_stored_sse_headers": ("obj",),
        "_upload_part_copy": ("bucket_name", "dest_key", "query_params", "headers"),
        "bucket_policy_for_arn": ("resource_arn",),
    },
    "ministack.services.ses": {"_identities": _ANY},
    "ministack.services.ses_v2": {"_identities": _ANY},
    "ministack.services.sns": {
        "_deliver_to_lambda": (
            "endpoint", "envelope", "topic_arn", "sub_arn", "msg_id", "raw_message", "message_attributes"),
        "_topics": _ANY,
        "topic_policy_for_arn": ("topic_arn",),
    },
    "ministack.services.sqs": {
        "_ensure_msg_fields": ("m",),
        "_md5_msg_attrs": ("attrs",),
        "_queue_by_arn": ("arn",),
        "queue_delay": ("q",),
        "queue_policy_for_arn": ("queue_arn",),
    },
    "ministack.services.stepfunctions": {
        "_ExecutionError": _ANY,
        "_add_event": ("execution", "event_type", "details"),
        "_AWS_SDK_ERROR_PREFIX": _ANY,
        "_apply_catcher": ("catcher", "raw_input", "ctx", "query_language", "error_output"),
        "_apply_input_path": ("state_def", "data", "ctx"),
        "_apply_jsonata_arguments": ("state_def", "raw_input", "ctx"),
        "_apply_jsonata_output": ("state_def", "raw_input", "ctx", "result", "error_output", "default"),
        "_apply_output_path": ("state_def", "data", "ctx"),
        "_apply_parameters": ("state_def", "data", "ctx"),
        "_apply_result_path": ("state_def", "original", "result"),
        "_apply_result_selector": ("state_def", "data"),
        "_apply_state_assign": ("state_def", "raw_input", "ctx", "result", "error_output"),
        "_call_lambda": ("func_ref", "event"),
        "_create_state_machine": ("data",),
        "_emit_execution_status_event": ("execution",),
        "_error_matches": ("error_equals", "error"),
        "_execute_pass": ("state_def", "raw_input", "ctx"),
        "_execute_task": ("state_def", "raw_input", "execution", "ctx"),
        "_executions": _ANY,
        "_fail_execution": ("execution", "error", "cause"),
        "_find_matching_catcher": ("catchers", "error"),
        "_find_matching_retrier": ("retriers", "error", "retry_counts"),
        "_invoke_resource": ("resource", "input_data"),
        "_jsonata_state_field": ("state_def", "field", "expected", "raw_input", "ctx"),
        "_next_or_end": ("state_def",),
        "_prefix_sdk_error": ("service_name", "error_code"),
        "_resolve_lambda_function_ref": ("value", "optimized"),
        "_resolve_path_or_ctx": ("path", "data", "ctx"),
        "_resolve_state_machine_arn": ("arn",),
        "_run_execution": ("exec_arn",),
        "_run_map_items": ("state_def", "raw_input", "execution", "ctx"),
        "_run_parallel_branches": ("state_def", "raw_input", "execution", "ctx"),
        "_run_sub_machine": ("states", "start_at", "input_data", "execution", "ctx"),
        "_scaled_sleep": ("seconds",),
        "_send_task_failure": ("data",),
        "_send_task_heartbeat": ("data",),
        "_send_task_success": ("data",),
        "_SFN_WAIT_SCALE": _ANY,
        "_start_execution": ("data",),
        "_state_machines": _ANY,
        "_task_tokens": _ANY,
        "_test_state": ("data",),
        "_state_query_language": ("state_def", "ctx"),
        "_stop_execution": ("data",),
        "_update_state_machine": ("data",),
        "reset": (),
    },
    "ministack.services.sts": {
        "_role_id": ("role_arn",), "_sessions": _ANY, "register_session": ("access_key", "session")},
}


def faults() -> list[str]:
    """What differs from the pinned version; empty when everything is as expected."""
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        return ["the package ministack is not installed in this Python"]
    if found != VERSION:
        return [f"ministack is version {found}, not {VERSION}"]
    problems: list[str] = []
    for module_name, names in NAMES.items():
        module = importlib.import_module(module_name)
        for name, expected in names.items():
            if not hasattr(module, name):
                problems.append(f"{module_name}.{name} does not exist")
            elif expected is not None and (actual := _parameters(getattr(module, name))) != expected:
                problems.append(f"{module_name}.{name} takes {actual}, expected {expected}")
    return problems


def _parameters(function: object) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ("<not a function>",)


def explain(problems: list[str]) -> str:
    """The message a person reads when start is refused."""
    listed = "\n".join(f"  - {problem}" for problem in problems)
    return (f"The emulator cannot start: the repairs in local/emulators/ministack fit MiniStack {VERSION} only.\n"
            f"{listed}\n"
            f"Install that version into the project's virtual environment (ministack=={VERSION}), or review each name "
            "in local/emulators/ministack/rehearsal/pinned.py against the new source and raise VERSION there.")
