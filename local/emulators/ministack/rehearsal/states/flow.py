"""Waits, Succeed, Pass, Parallel and Map: what MiniStack's engine leaves out around the Tasks.

- Waits end when the execution is stopped.
- `Output` of a JSONata Succeed and `Arguments`, `Output`, `Assign` of a JSONata Parallel are honoured.
- Branches and Map items have variables and a context of their own (MiniStack's branches overwrite each other's task
  token), and when one fails the others are stopped, jobs included.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sfn

from rehearsal.states import scope, tasks

State = dict[str, Any]
_OWN_IN_JSONATA = ("Arguments", "Output", "Assign")


def _scaled_sleep(seconds: float) -> None:
    scope.here().sleep(seconds * sfn._SFN_WAIT_SCALE)


def _is_jsonata(state: State, ctx: State | None) -> bool:
    return sfn._state_query_language(state, ctx) == "JSONata"


def _apply_output_path(state: State, data: Any, ctx: State | None = None) -> Any:
    if state.get("Type") == "Succeed" and ctx is not None and _is_jsonata(state, ctx):
        output = sfn._apply_jsonata_output(state, data, ctx, default=data)
        tasks.check_size(ctx["State"]["Name"], output)
        return output
    return _output_path(state, data, ctx)


def _execute_pass(state: State, raw_input: Any, ctx: State | None = None) -> tuple[Any, str | None]:
    output, following = _pass(state, raw_input, ctx)
    tasks.check_size((ctx or {}).get("State", {}).get("Name", "Pass"), output)
    return output, following


def _run_sub_machine(states: State, start_at: str, input_data: Any, execution: State, ctx: State) -> Any:
    within = scope.here()
    within.check()
    try:
        return _sub_machine(states, start_at, input_data, execution, copy.deepcopy(ctx))
    except sfn._ExecutionError:
        if within.together:
            within.stop()  # one branch or item has failed the state: nobody will use what the others bring
        raise


def _inside(run: Callable[[], Any], together: bool = True) -> Any:
    """Run a state whose branches stop with it and, when `together`, with each other."""
    branches = scope.Scope(scope.current.get(), together)
    token = scope.current.set(branches)
    try:
        return run()
    finally:
        scope.current.reset(token)
        branches.close()


def _run_parallel_branches(state: State, raw_input: Any, execution: State, ctx: State) -> tuple[Any, str | None]:
    if not _is_jsonata(state, ctx):
        output, following = _inside(lambda: _parallel(state, raw_input, execution, ctx))
    else:
        bare = {key: value for key, value in state.items() if key not in _OWN_IN_JSONATA}
        given = sfn._apply_jsonata_arguments(state, raw_input, ctx)
        results, following = _inside(lambda: _parallel(bare, given, execution, ctx))
        output = sfn._apply_jsonata_output(state, raw_input, ctx, result=results, default=results)
        sfn._apply_state_assign(state, raw_input, ctx, result=results)
    scope.here().check()
    tasks.check_size(ctx["State"]["Name"], output)
    return output, following


def _run_map_items(state: State, raw_input: Any, execution: State, ctx: State) -> tuple[Any, str | None]:
    processor = state.get("ItemProcessor") or state.get("Iterator") or {}
    distributed = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
    output, following = _inside(lambda: _map(state, raw_input, execution, ctx), together=not distributed)
    scope.here().check()
    tasks.check_size(ctx["State"]["Name"], output)
    return output, following


_output_path, _pass = sfn._apply_output_path, sfn._execute_pass
_sub_machine, _parallel, _map = sfn._run_sub_machine, sfn._run_parallel_branches, sfn._run_map_items


def install() -> None:
    sfn._scaled_sleep = _scaled_sleep
    sfn._apply_output_path = _apply_output_path
    sfn._execute_pass = _execute_pass
    sfn._run_sub_machine = _run_sub_machine
    sfn._run_parallel_branches = _run_parallel_branches
    sfn._run_map_items = _run_map_items
