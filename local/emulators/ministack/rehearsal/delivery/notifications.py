"""SNS calls a function, and an alarm a topic, only as the target's policy allows. (MiniStack judges SNS to SQS.)"""

from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch, sns

from rehearsal.delivery import grants

_ALARM_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def _deliver_to_lambda(endpoint: str, envelope: str, topic_arn: str, sub_arn: str, msg_id: str, raw_message: str,
                       message_attributes: dict[str, Any]) -> None:
    refusal = grants.by_policy(grants.Sender("sns.amazonaws.com", topic_arn), endpoint)
    if refusal is None:
        _deliver(endpoint, envelope, topic_arn, sub_arn, msg_id, raw_message, message_attributes)
    else:
        grants.note(f"topic {topic_arn} → {endpoint}", refusal)


def _dispatch_alarm_actions(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> None:
    # CloudWatch gives aws:SourceOwner too, by which the policy that a topic has from birth lets it in.
    sender = grants.Sender("cloudwatch.amazonaws.com", str(alarm.get("AlarmArn", "")), owner=True)
    field = _ALARM_ACTIONS.get(new_state, "")
    allowed = []
    for action in alarm.get(field) or []:
        refusal = grants.by_policy(sender, action) if grants.action_for(action) == "sns:Publish" else None
        if refusal is None:
            allowed.append(action)
        else:
            grants.note(f"alarm {alarm.get('AlarmName')} → {action}", refusal)
    _dispatch({**alarm, field: allowed}, old_state, new_state, reason)


_deliver, _dispatch = sns._deliver_to_lambda, cloudwatch._dispatch_alarm_actions


def install() -> None:
    sns._deliver_to_lambda = _deliver_to_lambda
    cloudwatch._dispatch_alarm_actions = _dispatch_alarm_actions
